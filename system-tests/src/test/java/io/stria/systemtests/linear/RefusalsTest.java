package io.stria.systemtests.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.AnaState;
import io.stria.nvmf.ControllerIds;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.SubsystemIdentity;
import io.stria.nvmf.TargetConfig;
import io.stria.nvmf.VolumeSubsystem;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What hosts are answered over a real connection counts, whatever they do next. */
@Timeout(60)
class RefusalsTest {
    private static final String NQN = "nqn.2026-11.io.stria:volume:refusals";

    /** An answer that is taken for lost would not count. */
    private static final int KEEP_ALIVE_MS = 15_000;

    private final Refusals refusals = new Refusals();
    private final History history = new History();

    /** Answers its first command like this, and all later ones with success. */
    private record Refusing(Reactor reactor, IoStatus[] first) implements BlockDevice {
        @Override
        public long blocks() {
            return 64;
        }

        @Override
        public void submit(IoRequest request) {
            IoStatus status = first[0];
            first[0] = IoStatus.OK;
            reactor.engine().deliverLater(() -> request.complete(status));
        }
    }

    /** One host writes a block until it is acknowledged. */
    private void writeThrough(IoStatus first) throws IOException {
        Memory memory = new Memory();
        try (Reactor reactor =
                new Reactor(
                        ReactorConfig.named("target"), new NioEngine(NioConfig.DEFAULT, memory))) {
            TargetConfig config =
                    TargetConfig.of(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ControllerIds.ofNode(1, 1));
            NvmfTarget target = new NvmfTarget(reactor.engine(), reactor.timers(), memory, config);
            VolumeSubsystem volume =
                    new VolumeSubsystem(SubsystemIdentity.of(NQN, new UUID(1, 2), "test"), 64);
            volume.setDevice(new Refusing(reactor, new IoStatus[] {first}));
            volume.setAnaState(AnaState.OPTIMIZED);
            target.add(volume);
            InetSocketAddress address = target.listen();
            reactor.start();
            try (Host host =
                    new Host(
                            1,
                            List.of(address),
                            NQN,
                            history,
                            refusals,
                            new AtomicLong(),
                            0,
                            KEEP_ALIVE_MS)) {
                host.writeUntilAcknowledged(7);
            }
            CompletableFuture.runAsync(target::close, reactor)
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        }
        assertEquals(1, history.all().size());
        assertTrue(history.all().getFirst().known());
    }

    @Test
    void anErrorOfAMediumIsAFaultThoughTheWriteIsAcknowledgedInTheEnd() throws IOException {
        writeThrough(IoStatus.MEDIA_ERROR);
        assertEquals(List.of("status 0x4280 answered 1 commands"), refusals.faults());
    }

    @Test
    void thatThereIsNoRoomIsAFault() throws IOException {
        writeThrough(IoStatus.NO_SPACE);
        assertEquals(List.of("status 0x4081 answered 1 commands"), refusals.faults());
    }

    @Test
    void anotherPathIsALegitimateAnswer() throws IOException {
        writeThrough(IoStatus.NOT_SERVING);
        assertEquals("0x302 1 times", refusals.toString());
        assertEquals(List.of(), refusals.faults());
    }

    @Test
    void tooManyDevicesAwayForNowIsALegitimateAnswer() throws IOException {
        writeThrough(IoStatus.UNAVAILABLE);
        assertEquals("0x82 1 times", refusals.toString());
        assertEquals(List.of(), refusals.faults());
    }
}
