package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One store was rolled back to an image whose watermark is that of all others. One of these has
 * heard a higher one, which a batch of another volume makes durable after it has attached; then its
 * connection breaks, and it attaches with that.
 */
class RisingWatermarkTest {
    private static final long BLOCK = 5;
    private static final int ROLLED_BACK = 0;
    private static final int RISING = 1;
    private static final int LATE = 2;

    private final OwnerScenario scenario = new OwnerScenario(1);
    private long committed;

    @BeforeEach
    void rollsBack() {
        MemoryStore store = scenario.stores.get(ROLLED_BACK);
        assertEquals(IoStatus.OK, scenario.write(BLOCK, 1, 1));
        scenario.runFor(OwnerScenario.SECOND_NS);
        MemoryStore.Image old = store.image();
        long before = durable(RISING);
        assertEquals(IoStatus.OK, scenario.write(BLOCK, 1, 2));
        StripeLayout layout =
                new StripeLayout(OwnerScenario.VUID, scenario.scheme, OwnerScenario.PAGE_SHIFT);
        committed =
                scenario.stores
                        .get(RISING)
                        .newestVersion(
                                layout.address(
                                        layout.page(BLOCK), RISING, layout.indexInPage(BLOCK)));
        store.setUp(false);
        store.rollBack(old);
        store.setUp(true);
        scenario.config = patient();
        scenario.startOwner();
        for (int slot = 0; slot < scenario.stores.size(); slot++) {
            assertEquals(before, durable(slot), "slot " + slot);
        }
    }

    /** Nothing is marked for what is held here. */
    private static OwnerConfig patient() {
        OwnerConfig config = OwnerScenario.CONFIG;
        return new OwnerConfig(
                OwnerScenario.SECOND_NS,
                config.hostWaitNs(),
                config.proposalRepeatNs(),
                config.opsMax(),
                config.scrubEveryNs(),
                config.windowPages(),
                config.hedges());
    }

    private long durable(int slot) {
        return scenario.stores.get(slot).durableWatermark(OwnerScenario.VUID);
    }

    /** The first command of a kind to a store stays on its way until it is released. */
    private MemoryStore.Client holdFirst(int slot, FragmentOp op) {
        MemoryStore.Client client = scenario.clients.get(slot);
        boolean[] held = {false};
        client.hang(request -> {
            held[0] |= request.op == op;
            return request.op == op;
        });
        scenario.runUntil(() -> held[0]);
        return client;
    }

    private void attachesHigher() {
        scenario.stores.get(RISING).makeWatermarkDurable(OwnerScenario.VUID, committed);
        scenario.clients.get(RISING).breakConnection();
        scenario.runFor(OwnerScenario.SECOND_NS / 10);
    }

    private void assertFoundOut() {
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(2, scenario.read(BLOCK));
        scenario.runUntil(() -> scenario.marks.size() == 2);
        assertEquals(List.of("0 behind", "0 in sync"), scenario.marks);
    }

    @Test
    void aStoreThatWasTrustedUnderALowerWatermarkIsComparedAnew() {
        MemoryStore.Client held = holdFirst(ROLLED_BACK, FragmentOp.LIST);
        attachesHigher();
        held.release();
        assertFoundOut();
    }

    /** Told the higher one, it would look to the next owner as if it had everything up to that. */
    @Test
    void soItIsWhileBlocksAreBeingDecided() {
        holdFirst(LATE, FragmentOp.READ_AT);
        attachesHigher();
        scenario.startOwner();
        assertFoundOut();
    }
}
