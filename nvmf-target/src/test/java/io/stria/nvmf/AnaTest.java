package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaLog;
import io.stria.nvme.AnaState;
import io.stria.nvme.AsyncEvent;
import io.stria.nvme.FeatureId;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnaTest {
    private final World world = new World();
    private final TestHost host = world.connect().enable();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private int stateInLog() {
        MemorySegment log = MemorySegment.ofArray(host.getLog(LogPageId.ANA, AnaLog.BYTES).data());
        assertEquals(1, LittleEndian.u16(log, 8));
        assertEquals(1, LittleEndian.i32(log, 16));
        assertEquals(1, LittleEndian.i32(log, 20));
        assertEquals(1, LittleEndian.i32(log, 48));
        return LittleEndian.u8(log, 32);
    }

    @Test
    void tellsEveryHostWhenItsStateChanges() {
        TestHost other = world.connect();
        other.hostNqn = "nqn.other";
        other.enable();
        TestHost deaf = world.connect();
        deaf.hostNqn = "nqn.deaf";
        deaf.enable();
        int unheard = deaf.requestEvent();
        int[] requests = new int[2];
        int i = 0;
        for (TestHost each : new TestHost[] {host, other}) {
            each.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_ANA);
            requests[i++] = each.requestEvent();
        }
        assertEquals(AnaState.OPTIMIZED.code(), stateInLog());
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertEquals(AsyncEvent.ANA_CHANGED, host.admin.await(requests[0]).result());
        assertEquals(AsyncEvent.ANA_CHANGED, other.admin.await(requests[1]).result());
        assertEquals(AnaState.INACCESSIBLE.code(), stateInLog());
        world.runFor(10_000_000);
        assertTrue(!deaf.admin.isAnswered(unheard));
        int again = host.requestEvent();
        world.volume.setAnaState(AnaState.OPTIMIZED);
        assertEquals(AsyncEvent.ANA_CHANGED, host.admin.await(again).result());
        assertEquals(AnaState.OPTIMIZED.code(), stateInLog());
    }

    /** Linux asks to be told long after it has read the log, and does not read it again then. */
    @Test
    void tellsOfWhatChangedBeforeTheHostAskedToBeTold() {
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertEquals(AnaState.INACCESSIBLE.code(), stateInLog());
        world.volume.setAnaState(AnaState.OPTIMIZED);
        host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_ANA);
        int request = host.requestEvent();
        world.runFor(10_000_000);
        assertTrue(host.admin.isAnswered(request), "the path stays inaccessible to the host");
        assertEquals(AsyncEvent.ANA_CHANGED, host.admin.await(request).result());
        assertEquals(AnaState.OPTIMIZED.code(), stateInLog());
    }

    @Test
    void doesNotTellOfWhatTheHostHasReadBeforeItAskedToBeTold() {
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertEquals(AnaState.INACCESSIBLE.code(), stateInLog());
        host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_ANA);
        int request = host.requestEvent();
        world.runFor(10_000_000);
        assertTrue(!host.admin.isAnswered(request));
        world.volume.setAnaState(AnaState.OPTIMIZED);
        assertEquals(AsyncEvent.ANA_CHANGED, host.admin.await(request).result());
    }

    @Test
    void countsItsChanges() {
        long before = changes();
        world.volume.setAnaState(AnaState.OPTIMIZED);
        assertEquals(before, changes(), "nothing has changed");
        world.volume.setAnaState(AnaState.CHANGE);
        assertEquals(before + 1, changes());
    }

    private long changes() {
        MemorySegment log =
                MemorySegment.ofArray(
                        host.getLog(LogPageId.ANA, 0, 48, false, AnaLog.GROUPS_ONLY).data());
        assertEquals(0, LittleEndian.i32(log, 20), "groups only");
        return LittleEndian.i64(log, 0);
    }

    @Test
    void doesNotTouchTheDeviceUnlessItServes() {
        HostQueue io = host.connectIo(1);
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertRefused(StatusCode.ANA_INACCESSIBLE, io);
        world.volume.setAnaState(AnaState.CHANGE);
        assertRefused(StatusCode.ANA_TRANSITION, io);
        world.volume.setAnaState(AnaState.PERSISTENT_LOSS);
        assertRefused(StatusCode.ANA_PERSISTENT_LOSS, io);
        world.volume.setDevice(null);
        world.volume.setAnaState(AnaState.OPTIMIZED);
        assertRefused(StatusCode.ANA_INACCESSIBLE, io);
        assertTrue(world.device.log.isEmpty());
        assertTrue(io.requests.isEmpty());
        world.volume.setDevice(world.device);
        assertTrue(TestHost.write(io, 0, new byte[65536]).isOk());
    }

    private static void assertRefused(int code, HostQueue io) {
        for (Answer answer :
                new Answer[] {
                    TestHost.read(io, 0, 1),
                    TestHost.write(io, 0, new byte[4096]),
                    TestHost.write(io, 0, new byte[65536]),
                    TestHost.flush(io, 1),
                    TestHost.writeZeroes(io, 0, 1),
                    TestHost.deallocate(io, 0, 1)
                }) {
            assertEquals(code, answer.code());
            assertTrue(answer.mayRetry(), "another path may serve it");
        }
    }

    @Test
    void refusesAWriteWhoseDataArrivedTooLate() {
        HostQueue io = host.connectIo(1);
        io.answersRequests = false;
        int id = TestHost.submitWrite(io, 0, World.pattern(1, 65536));
        io.awaitRequests(1);
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        io.answer(io.requests.getFirst());
        assertEquals(StatusCode.ANA_INACCESSIBLE, io.await(id).code());
        assertTrue(world.device.log.isEmpty());
    }

    /** The host may have had it done elsewhere, and have overwritten it. */
    @Test
    void refusesAWriteOfBeforeWhenItServesAgain() {
        HostQueue io = host.connectIo(1);
        io.answersRequests = false;
        int id = TestHost.submitWrite(io, 0, World.pattern(1, 65536));
        io.awaitRequests(1);
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        world.volume.setAnaState(AnaState.OPTIMIZED);
        io.answer(io.requests.getFirst());
        assertEquals(StatusCode.ANA_INACCESSIBLE, io.await(id).code());
        assertTrue(world.device.log.isEmpty());
        io.answersRequests = true;
        assertTrue(TestHost.write(io, 0, new byte[65536]).isOk());
    }

    /** A capsule with its data, whole, in the socket: only a buffer is missing. */
    @Test
    void neverExecutesWhatStoodOutsideWhenItCeasedToServe() {
        HostQueue io = host.connectIo(1);
        world.device.hold();
        for (int i = 0; i < World.FEW_BUFFERS.smallCount() + 8; i++) {
            TestHost.submitWrite(io, i, World.pattern(i, 4096));
        }
        world.runFor(10_000_000);
        int begun = world.device.log.size();
        assertTrue(begun > 0 && begun < World.FEW_BUFFERS.smallCount() + 8, begun + " begun");
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        world.volume.setAnaState(AnaState.OPTIMIZED);
        world.device.letGo();
        world.runFor(10_000_000);
        assertEquals(begun, world.device.log.size());
        assertEquals(0, world.volume.inFlight());
    }

    @Test
    void stopsALongUnmapInTheMiddle() {
        HostQueue io = host.connectIo(1);
        world.device.hold();
        int id =
                io.submit(
                        sqe -> TestHost.io(sqe, 0x08, 0, World.BLOCKS), TestHost.NO_DATA, false, 0);
        world.runFor(10_000_000);
        assertEquals(1, world.volume.inFlight());
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        world.device.letGo();
        assertEquals(StatusCode.ANA_INACCESSIBLE, io.await(id).code());
        assertEquals(1, world.device.log.size());
        assertEquals(0, world.volume.inFlight());
    }
}
