package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A device so large that a deletion looks at its pages in many steps, of which most find none of
 * the volume's: a replay that meets the deletion takes each step from the same depth of the stack.
 */
class ReplayedDeletionTest {
    private static final long DEVICE_BYTES = 1 << 30;
    private static final int KEYS = 2000;
    private static final int AT_A_TIME = 100;

    /** As much as a reactor has. */
    private static final long STACK_BYTES = 512 << 10;

    private @Nullable Throwable thrown;

    @Test
    void needsNoMoreStackForMorePages() throws InterruptedException {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient deleted = new StoreClient(harness, 5, 4096);
            deleted.attach();
            assertEquals(IoStatus.OK, deleted.write(0, 0, 1, 1));
            StoreClient client = new StoreClient(harness, 6, 4096);
            client.attach();
            discardMany(client);
            harness.submit(deleted.call(FragmentOp.DELETE, 0, 0, 0));
            harness.simulation().runFor(300_000);
            harness.powerCut();
            Thread reactor = new Thread(null, () -> open(harness), "reactor", STACK_BYTES);
            reactor.setUncaughtExceptionHandler((thread, cause) -> thrown = cause);
            reactor.start();
            reactor.join();
            assertNull(thrown, () -> thrown + " while the deletion was replayed");
        }
    }

    private static void discardMany(StoreClient client) {
        for (int from = 0; from < KEYS; from += AT_A_TIME) {
            List<Call> calls = new ArrayList<>();
            for (int i = from; i < from + AT_A_TIME; i++) {
                calls.add(client.harness.submit(client.unmapCall(1000 + i, 0, 1, 1 + i)));
            }
            for (Call call : calls) {
                assertEquals(IoStatus.OK, client.harness.finish(call));
            }
        }
    }

    private static void open(StoreHarness harness) {
        boolean[] opened = {false};
        BlockFile file = harness.file();
        try (Arena arena = Arena.ofShared()) {
            Recovery recovery =
                    new Recovery(
                            file,
                            harness.identity,
                            harness.config,
                            harness.engine.timers(),
                            arena,
                            new ChunkStore.OpenListener() {
                                @Override
                                public void onOpen(ChunkStore store) {
                                    opened[0] = true;
                                }

                                @Override
                                public void onRefused(String reason) {
                                    throw new AssertionError(reason);
                                }
                            });
            recovery.start();
            harness.engine.runUntil(() -> recovery.store() != null);
            StoreParts parts = Objects.requireNonNull(recovery.store()).parts();
            parts.deletions.idsAtATime(1);
            harness.engine.runUntil(() -> opened[0]);
            assertEquals(KEYS, parts.index.count());
        }
    }
}
