package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores in sync go away while a take-over asks them for a block. One of those that have answered
 * was rolled back, and nobody knows: where the others are not heard it would look as if what was
 * written last had never been acknowledged.
 */
class AbsentVoterTest {
    private static final long BLOCK = RolledBackScenario.BLOCK;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void noBlockIsDecidedWhileTwoAreAway(int dataFragments) {
        RolledBackScenario rolledBack = new RolledBackScenario(dataFragments);
        rolledBack.hold(FragmentOp.READ_AT, 1, 2);
        rolledBack.breakConnection(1);
        rolledBack.breakConnection(2);
        rolledBack.scenario.runUntil(() -> rolledBack.scenario.owner.isServing());
        assertEquals(2, rolledBack.scenario.read(BLOCK));
        assertEquals(List.of(), rolledBack.scenario.marks);
    }

    /** It is there again when the other one is marked, but has not been asked again. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void oneThatWasAwayIsAskedAgainWhenAnotherIsMarked(int dataFragments) {
        RolledBackScenario rolledBack = new RolledBackScenario(dataFragments);
        rolledBack.hold(FragmentOp.READ_AT, 1, 2);
        rolledBack.breakConnection(1);
        rolledBack.scenario.runUntil(() -> rolledBack.scenario.owner.isServing());
        assertEquals(List.of("2 behind"), rolledBack.scenario.marks);
        assertEquals(2, rolledBack.scenario.read(BLOCK));
    }

    /** Two that stay silent are marked, and what the others say is enough. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void twoThatAreMarkedAreNotWaitedFor(int dataFragments) {
        OwnerScenario scenario = new OwnerScenario(dataFragments);
        assertEquals(IoStatus.OK, scenario.write(BLOCK, 1, 1));
        scenario.startOwner();
        for (int slot = 1; slot <= 2; slot++) {
            scenario.clients.get(slot).hang(request -> request.op == FragmentOp.READ_AT);
        }
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(List.of("1 behind", "2 behind"), scenario.marks.stream().sorted().toList());
        assertEquals(1, scenario.read(BLOCK));
    }
}
