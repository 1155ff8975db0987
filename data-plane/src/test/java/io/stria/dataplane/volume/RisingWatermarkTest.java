package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * One store was rolled back to an image whose watermark is that of all others. One of these has
 * heard a higher one, which a batch of another volume makes durable after it has attached; then its
 * connection breaks, and it attaches with that.
 */
class RisingWatermarkTest {
    private static final int RISING = 1;
    private static final int LATE = 2;

    private final RolledBackScenario rolledBack = new RolledBackScenario(1);
    private final OwnerScenario scenario = rolledBack.scenario;

    private void attachesHigher() {
        scenario.stores.get(RISING).makeWatermarkDurable(OwnerScenario.VUID, rolledBack.committed);
        rolledBack.breakConnection(RISING);
        scenario.runFor(OwnerScenario.SECOND_NS / 10);
    }

    private void assertFoundOut() {
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(2, scenario.read(RolledBackScenario.BLOCK));
        scenario.runUntil(() -> scenario.marks.size() == 2);
        assertEquals(List.of("0 behind", "0 in sync"), scenario.marks);
    }

    @Test
    void aStoreThatWasTrustedUnderALowerWatermarkIsComparedAnew() {
        rolledBack.hold(FragmentOp.LIST, RolledBackScenario.ROLLED_BACK);
        attachesHigher();
        scenario.clients.get(RolledBackScenario.ROLLED_BACK).release();
        assertFoundOut();
    }

    /** Told the higher one, it would look to the next owner as if it had everything up to that. */
    @Test
    void soItIsWhileBlocksAreBeingDecided() {
        rolledBack.hold(FragmentOp.READ_AT, LATE);
        attachesHigher();
        scenario.startOwner();
        assertFoundOut();
    }

    /** Then the higher one is not known before the third one is back. */
    @Test
    void soItIsWhileTheThirdStoreIsAwayToo() {
        rolledBack.hold(FragmentOp.READ_AT, RISING, LATE);
        scenario.clients.get(LATE).hang(request -> false);
        scenario.stores.get(LATE).setUp(false);
        attachesHigher();
        scenario.stores.get(LATE).setUp(true);
        assertFoundOut();
    }
}
