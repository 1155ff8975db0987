package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.store.StoreConfig;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.Plans;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices that do not answer when a node starts, or answer when it has gone on without them. */
@Timeout(120)
final class SilentDeviceTest {
    @TempDir private Path parent;

    private NodeConfig config;
    private ClusterDevice device;

    @BeforeEach
    void make() {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        config = NodeConfig.read(directory.path(), 1, Starts.draw());
        device = config.node().devices().getFirst();
    }

    private void format() throws IOException {
        try (DataPlane node = new DataPlane(config, new Proposals(1))) {
            node.start();
        }
        assertFalse(config.mayFormat(device));
    }

    private static Reactor reactor(Memory memory) throws IOException {
        Engine engine = NodeEngine.open(EngineKind.NIO, memory).engine();
        return new Reactor(ReactorConfig.named("reactor"), engine);
    }

    private DeviceOpener opener(Reactor reactor, Memory memory, long limitMs) {
        return new DeviceOpener(
                reactor,
                config,
                StoreConfig.defaults(),
                memory,
                null,
                new DeviceOpener.Limits(limitMs, limitMs, limitMs, 1_000_000));
    }

    @Test
    void oneThatIsNotOpenInTimeIsLeftOutAndNotHeldWhenTheReactorComesToIt() throws Exception {
        format();
        Memory memory = new Memory();
        try (Reactor reactor = reactor(memory)) {
            CountDownLatch stands = new CountDownLatch(1);
            reactor.start();
            reactor.execute(() -> await(stands));
            DeviceRefusedException late =
                    assertThrows(
                            DeviceRefusedException.class,
                            () -> opener(reactor, memory, 2_000).open(device));
            assertTrue(String.valueOf(late.getMessage()).contains("did not end"), late::toString);
            stands.countDown();
            assertNotNull(opener(reactor, memory, 30_000).open(device), "nobody has its lock");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** As a drive that hangs: the reactor, which has others, does not even open it. */
    @Test
    void oneThatAnswersNothingIsLeftOut() throws Exception {
        format();
        assertTrue(refusedWhenSilent() instanceof DeviceRefusedException);
    }

    /** Somebody waits for the node, and is to hear of it. */
    @Test
    void oneThatAnswersNothingAndIsToBeFormattedEndsTheStart() throws Exception {
        assertFalse(refusedWhenSilent() instanceof DeviceRefusedException);
    }

    private IOException refusedWhenSilent() throws Exception {
        Path path = config.devicePath(device);
        Files.delete(path);
        assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
        Memory memory = new Memory();
        IOException silent;
        try (Reactor reactor = reactor(memory)) {
            reactor.start();
            silent =
                    assertThrows(
                            IOException.class, () -> opener(reactor, memory, 300).open(device));
        }
        String reason = String.valueOf(silent.getMessage());
        assertTrue(reason.contains("it has not answered for 300 ms"), reason);
        try (FileChannel answer = FileChannel.open(path, StandardOpenOption.WRITE)) {
            assertTrue(answer.isOpen()); // for the thread that still waits for one
        }
        return silent;
    }
}
