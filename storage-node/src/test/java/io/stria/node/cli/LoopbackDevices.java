package io.stria.node.cli;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.AnaState;
import io.stria.nvmf.ControllerIds;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.SubsystemIdentity;
import io.stria.nvmf.TargetConfig;
import io.stria.nvmf.VolumeSubsystem;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** NVMe namespaces in this process's memory, behind NVMe/TCP on loopback. */
final class LoopbackDevices implements AutoCloseable {
    private static final String NQN = "nqn.2026-11.io.stria:device:";

    private final Memory memory = new Memory();
    private final Reactor reactor;
    private final NvmfTarget target;
    private final List<VolumeSubsystem> subsystems = new ArrayList<>();
    private final int port;

    LoopbackDevices(int count, long bytes) throws IOException {
        reactor =
                new Reactor(
                        ReactorConfig.named("devices"), new NioEngine(NioConfig.DEFAULT, memory));
        target =
                new NvmfTarget(
                        reactor.engine(),
                        reactor.timers(),
                        memory,
                        TargetConfig.of(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ControllerIds.ofNode(1, System.nanoTime() >>> 20)));
        for (int i = 0; i < count; i++) {
            long blocks = bytes / BlockDevice.BLOCK_BYTES;
            VolumeSubsystem subsystem =
                    new VolumeSubsystem(
                            SubsystemIdentity.of(NQN + i, UUID.randomUUID(), "1.0"), blocks);
            subsystem.setDevice(new Blocks(reactor.engine(), bytes));
            subsystem.setAnaState(AnaState.OPTIMIZED);
            target.add(subsystem);
            subsystems.add(subsystem);
        }
        port = target.listen().getPort();
        reactor.start();
    }

    /** As SPDK spells it; they know no reservations. */
    String address(int index) {
        return "trtype:TCP traddr:127.0.0.1 trsvcid:%d subnqn:%s ns:1 fence:none"
                .formatted(port, NQN + index);
    }

    /** As if it had been pulled. */
    void remove(int index) {
        run(() -> target.remove(subsystems.get(index)));
    }

    private void run(Runnable action) {
        CompletableFuture.runAsync(action, reactor).orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        run(target::close);
        reactor.close();
    }

    /** Told from the next poll, as every device does. */
    private record Blocks(Engine engine, MemorySegment content) implements BlockDevice {
        Blocks(Engine engine, long bytes) {
            this(engine, Memory.untilCollected(bytes));
        }

        @Override
        public long blocks() {
            return content.byteSize() / BLOCK_BYTES;
        }

        @Override
        public void submit(IoRequest request) {
            engine.deliverLater(() -> {
                move(request);
                request.complete(IoStatus.OK);
            });
        }

        private void move(IoRequest request) {
            long from = request.block() * BLOCK_BYTES + request.headBytes();
            long bytes =
                    (long) request.blocks() * BLOCK_BYTES
                            - request.headBytes()
                            - request.tailBytes();
            switch (request.op()) {
                case READ ->
                        MemorySegment.copy(
                                content, from, request.buffer(), request.bufferOffset(), bytes);
                case WRITE ->
                        MemorySegment.copy(
                                request.buffer(), request.bufferOffset(), content, from, bytes);
                case UNMAP -> content.asSlice(from, bytes).fill((byte) 0);
                case FLUSH -> {}
            }
        }
    }
}
