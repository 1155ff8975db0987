package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that failed a write takes none any more, though its node answers. */
class FailedDeviceTest {
    private final OwnerScenario scenario = new OwnerScenario();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itIsMarkedOnceAndLeftAlone(boolean attaches) {
        assertEquals(IoStatus.OK, scenario.write(0, 32, 1));
        scenario.stores.get(3).fail(attaches);
        assertEquals(IoStatus.OK, scenario.write(0, 32, 2));
        scenario.runFor(20 * OwnerScenario.SECOND_NS);
        assertEquals(IoStatus.OK, scenario.write(64, 32, 3));
        assertEquals(List.of("3 behind"), scenario.marks);
        assertEquals(2, scenario.read(5));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTakeOverGoesOnWithoutIt(boolean attaches) {
        assertEquals(IoStatus.OK, scenario.write(0, 32, 1));
        scenario.stores.get(3).fail(attaches);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(IoStatus.OK, scenario.write(0, 32, 2));
        scenario.runFor(5 * OwnerScenario.SECOND_NS);
        assertEquals(List.of("3 behind"), scenario.marks);
    }
}
