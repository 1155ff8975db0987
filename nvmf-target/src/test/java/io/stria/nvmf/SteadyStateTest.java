package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.stria.nvme.AnaState;
import io.stria.runtime.FailureHandler;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Once warm, no command on real sockets costs an object. (System calls that are not compiled yet
 * cost a few bytes for each batch of commands.)
 */
class SteadyStateTest {
    /** Until the compiler is done with all that a command runs. */
    private static final long PATIENCE_NS = 30_000_000_000L;

    private static final int COMMANDS_PER_WINDOW = 2_000;

    /** The smallest object has 16 bytes. */
    private static final int FEW_BYTES = 8 * COMMANDS_PER_WINDOW;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Memory memory = new Memory();

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private Reactor reactor;

    @BeforeEach
    void makeReactor() throws IOException {
        assumeTrue(IoUring.refusal().isEmpty(), IoUring.refusal());
        reactor =
                new Reactor(
                        ReactorConfig.named("target").failingTo(FailureHandler.rethrow()),
                        new IoUringEngine(UringConfig.DEFAULT, memory));
    }

    @AfterEach
    void closeReactor() {
        reactor.close();
    }

    @ParameterizedTest
    @CsvSource({"false, 1", "true, 1", "false, 32", "true, 32"})
    void doesIoWithoutAllocating(boolean write, int blocks) throws IOException {
        InstantDevice device = new InstantDevice(memory.allocate("device", 64 << 20));
        reactor.addPoller(device);
        TargetConfig config =
                TargetConfig.of(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ControllerIds.ofNode(1, 0));
        NvmfTarget target = new NvmfTarget(reactor.engine(), reactor.timers(), memory, config);
        VolumeSubsystem volume =
                new VolumeSubsystem(
                        SubsystemIdentity.of(World.NQN, World.ID, "1.0"), device.blocks());
        volume.setDevice(device);
        volume.setAnaState(AnaState.OPTIMIZED);
        target.add(volume);
        LoadHost host =
                new LoadHost(
                        reactor.engine(),
                        target.listen(),
                        World.NQN,
                        new LoadHost.Load(write, blocks, blocks == 1 ? 32 : 3, 8192));
        host.start();

        long fewest = Long.MAX_VALUE;
        long endNs = System.nanoTime() + PATIENCE_NS;
        while (fewest >= FEW_BYTES && System.nanoTime() < endNs) {
            long before = threads.getCurrentThreadAllocatedBytes();
            runWindow(host);
            fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(fewest < FEW_BYTES, fewest + " bytes allocated");
        assertEquals(0, host.failed());
        assertTrue(host.done() > COMMANDS_PER_WINDOW);
        target.close();
    }

    private void runWindow(LoadHost host) {
        long enough = host.done() + COMMANDS_PER_WINDOW;
        while (host.done() < enough) {
            if (reactor.step() == 0) {
                reactor.engine().await(1_000_000_000L);
            }
        }
    }
}
