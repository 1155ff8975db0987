package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One block was written twice. Then one store was rolled back to an image between the two, whose
 * watermark is that of all others, and another owner begins: nothing tells it that the store lacks
 * something, but what the others hold.
 */
final class RolledBackScenario {
    static final long BLOCK = 5;
    static final int ROLLED_BACK = 0;

    final OwnerScenario scenario;

    /** The version that was written last. */
    final long committed;

    RolledBackScenario(int dataFragments) {
        scenario = new OwnerScenario(dataFragments);
        MemoryStore store = scenario.stores.get(ROLLED_BACK);
        assertEquals(IoStatus.OK, scenario.write(BLOCK, 1, 1));
        scenario.runFor(OwnerScenario.SECOND_NS);
        MemoryStore.Image old = store.image();
        int other = ROLLED_BACK + 1;
        long before = durable(other);
        assertEquals(IoStatus.OK, scenario.write(BLOCK, 1, 2));
        StripeLayout layout =
                new StripeLayout(OwnerScenario.VUID, scenario.scheme, OwnerScenario.PAGE_SHIFT);
        long address = layout.address(layout.page(BLOCK), other, layout.indexInPage(BLOCK));
        committed = scenario.stores.get(other).newestVersion(address);
        store.setUp(false);
        store.rollBack(old);
        store.setUp(true);
        scenario.config = patient();
        scenario.startOwner();
        for (int slot = 0; slot < scenario.stores.size(); slot++) {
            assertEquals(before, durable(slot), "slot " + slot);
        }
    }

    /** Nothing is marked for what is held for a tenth of a second. */
    static OwnerConfig patient() {
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

    /** Such commands to the stores stay on their way; each has one now, others have answered. */
    void hold(FragmentOp op, Integer... slots) {
        Set<Integer> free = new TreeSet<>(List.of(slots));
        for (int slot : slots) {
            scenario.clients
                    .get(slot)
                    .hang(request -> {
                        boolean held = request.op == op;
                        if (held) {
                            free.remove(slot);
                        }
                        return held;
                    });
        }
        scenario.runUntil(free::isEmpty);
        scenario.runFor(OwnerScenario.SECOND_NS / 10);
    }

    /** The store's connection breaks, and nothing is held on the next one. */
    void breakConnection(int slot) {
        scenario.clients.get(slot).hang(request -> false);
        scenario.clients.get(slot).breakConnection();
    }
}
