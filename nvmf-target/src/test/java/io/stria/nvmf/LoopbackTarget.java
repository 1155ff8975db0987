package io.stria.nvmf;

import io.stria.nvme.AnaState;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A real target on loopback, on a reactor with a thread of its own, with one device in memory. */
final class LoopbackTarget implements AutoCloseable {
    static final String NQN = "nqn.2026-11.io.stria:volume:loopback";
    private static final UUID ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    private static final long ANSWER_S = 20;

    private final Memory memory = new Memory();
    private final Reactor reactor;
    private final MemoryDevice device;
    private final long blocks;
    private final int lbaBytes;
    private NvmfTarget target;
    private InetSocketAddress address;

    LoopbackTarget(long blocks, int lbaBytes) throws IOException {
        this.blocks = blocks;
        this.lbaBytes = lbaBytes;
        reactor =
                new Reactor(
                        ReactorConfig.named("target"), new NioEngine(NioConfig.DEFAULT, memory));
        device = new MemoryDevice(reactor.timers(), blocks);
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listen(ID, blocks);
        reactor.start();
    }

    int port() {
        return address.getPort();
    }

    /** What was asked on the target's thread. */
    <T> T ask(Supplier<T> question) {
        return CompletableFuture.supplyAsync(question, reactor)
                .orTimeout(ANSWER_S, TimeUnit.SECONDS)
                .join();
    }

    /** As SPDK spells it. */
    String spdkAddress() {
        return "trtype:TCP traddr:127.0.0.1 trsvcid:%d subnqn:%s ns:1"
                .formatted(address.getPort(), NQN);
    }

    MemoryDevice device() {
        return device;
    }

    /** Runs it on the target's thread. */
    void run(Runnable action) {
        call(() -> {
            action.run();
            return true;
        });
    }

    /** All hosts are thrown out, and nobody listens any more. */
    void vanish() {
        run(target::close);
    }

    /** It is there again, at the same address. */
    void appear() {
        appear(ID);
    }

    /** As {@link #appear}, with another namespace in the place of the one before. */
    void appearAsAnother() {
        appear(new UUID(1, 2));
    }

    /** The kernel may need a moment to give the port back. */
    private void appear(UUID id) {
        long deadlineNs = System.nanoTime() + ANSWER_S * 1_000_000_000L;
        while (!call(() -> listens(id))) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("port " + address.getPort() + " is not given back");
            }
        }
    }

    private boolean listens(UUID id) {
        try {
            return listen(id, blocks);
        } catch (IOException e) {
            target.close();
            return false;
        }
    }

    private boolean listen(UUID id, long size) throws IOException {
        target =
                new NvmfTarget(
                        reactor.engine(),
                        reactor.timers(),
                        memory,
                        TargetConfig.of(address, ControllerIds.ofNode(1, System.nanoTime() >>> 20))
                                .withBuffers(World.FEW_BUFFERS));
        VolumeSubsystem volume =
                new VolumeSubsystem(SubsystemIdentity.of(NQN, id, "1.0"), size, lbaBytes);
        volume.setDevice(device);
        volume.setAnaState(AnaState.OPTIMIZED);
        target.add(volume);
        address = target.listen();
        return true;
    }

    private boolean call(Callable<Boolean> action) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        reactor.execute(() -> {
            try {
                done.complete(action.call());
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done.orTimeout(ANSWER_S, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        run(() -> {
            device.letGo();
            target.close();
        });
        reactor.close();
    }
}
