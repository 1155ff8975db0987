package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import io.stria.runtime.BlockFile;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device that answers everything but one command, which it has lost. */
class LostCommandTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final long SECOND_NS = 1_000_000_000L;

    private enum Lost {
        NOTHING,
        WRITE,
        READ
    }

    /** What is not to end next. */
    private Lost next = Lost.NOTHING;

    private BlockFile losing(BlockFile file) {
        return (BlockFile)
                Proxy.newProxyInstance(
                        BlockFile.class.getClassLoader(),
                        new Class<?>[] {BlockFile.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals(next.name().toLowerCase(Locale.ROOT))) {
                                next = Lost.NOTHING;
                                BlockFile.Completion unheard = (token, result) -> {};
                                Arrays.setAll(
                                        arguments,
                                        i ->
                                                arguments[i] instanceof BlockFile.Completion
                                                        ? unheard
                                                        : arguments[i]);
                            }
                            return method.invoke(file, arguments);
                        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Lost.class,
            names = {"WRITE", "READ"})
    void countsAsFailedWhateverElseItAnswers(Lost kind) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            harness.powerCut();
            BlockFile file = losing(harness.file());
            harness.open(file);
            client.attach();
            assertEquals(1, client.readVersion(0, 7));
            next = kind;
            Call lost =
                    harness.submit(
                            kind == Lost.WRITE
                                    ? client.writeCall(0, 3, 1, 2)
                                    : client.readCall(FragmentOp.READ, 0, 3, 1, 0));
            for (int i = 0; i < 50; i++) {
                harness.simulation().runFor(SECOND_NS / 5);
                assertEquals(1, client.readVersion(0, 7));
            }
            assertNull(harness.store().failure(), "it may still come");
            assertFalse(lost.isDone());
            for (int i = 0; i < 300 && harness.store().failure() == null; i++) {
                harness.simulation().runFor(SECOND_NS / 5);
                assertEquals(1, client.readVersion(0, 7));
            }
            assertEquals("it has not ended a command for 30 s", harness.store().failure());
            if (kind == Lost.WRITE) {
                assertEquals(IoStatus.MEDIA_ERROR, harness.finish(lost));
            }
        }
    }

    /** It always has something in flight, but never the same for long. */
    @Test
    void oneThatIsBusyHasNotFailed() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            Call[] reads = new Call[8];
            harness.disk.faults().slowDown(3_000);
            long until = harness.simulation().nowNs() + 100 * SECOND_NS;
            for (int i = 0; harness.simulation().nowNs() < until; i++) {
                int next = i % reads.length;
                if (reads[next] != null) {
                    assertEquals(IoStatus.OK, harness.finish(reads[next]));
                }
                reads[next] = harness.submit(client.readCall(FragmentOp.READ, 0, next, 1, 0));
            }
            assertTrue(harness.simulation().nowNs() >= until);
            assertNull(harness.store().failure());
        }
    }

    private static StoreClient written(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 7, 4096);
        client.attach();
        assertEquals(IoStatus.OK, client.write(0, 0, 32, 1));
        assertEquals(IoStatus.OK, client.commit(1));
        harness.runUntilIdle();
        return client;
    }
}
