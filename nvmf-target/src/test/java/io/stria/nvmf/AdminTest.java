package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.AnaState;
import io.stria.nvme.AsyncEvent;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.ErrorLog;
import io.stria.nvme.FeatureId;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.SmartLog;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminTest {
    private final World world = new World();
    private final TestHost host = world.connect().enable();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @Test
    void keepsWhatHostsSet() {
        assertTrue(host.setFeature(FeatureId.ARBITRATION, 0x0102_0303).isOk());
        assertEquals(0x0102_0303, host.getFeature(FeatureId.ARBITRATION, 0).result());
        assertTrue(host.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 350).isOk());
        assertEquals(350, host.getFeature(FeatureId.TEMPERATURE_THRESHOLD, 0).result());
        assertEquals(4, host.getFeature(FeatureId.ARBITRATION | 3 << 8, 0).result());
        assertEquals(0, host.getFeature(FeatureId.ARBITRATION | 1 << 8, 0).result());
        assertEquals(0, host.getFeature(FeatureId.ARBITRATION | 2 << 8, 0).result());
        assertEquals(0, host.getFeature(FeatureId.HOST_IDENTIFIER | 3 << 8, 0).result());
        assertEquals(
                StatusCode.INVALID_FIELD,
                host.getFeature(FeatureId.ARBITRATION | 4 << 8, 0).code());
        assertEquals(0xFFFF, host.getFeature(FeatureId.TEMPERATURE_THRESHOLD | 1 << 8, 0).result());
        assertEquals(0x000F_000F, host.getFeature(FeatureId.NUMBER_OF_QUEUES, 0).result());
        assertTrue(host.setFeature(FeatureId.KEEP_ALIVE_TIMER, 7000).isOk());
        assertEquals(7000, host.getFeature(FeatureId.KEEP_ALIVE_TIMER, 0).result());
    }

    @Test
    void refusesWhatItCannotDo() {
        int field = StatusCode.INVALID_FIELD;
        assertEquals(field, host.setFeature(FeatureId.VOLATILE_WRITE_CACHE, 1).code());
        assertEquals(field, host.getFeature(FeatureId.VOLATILE_WRITE_CACHE, 0).code());
        assertEquals(field, host.setFeature(0x0C, 0).code());
        assertEquals(field, host.setFeature(FeatureId.ERROR_RECOVERY, 1 << 16).code());
        assertEquals(field, host.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 1 << 16).code());
        assertEquals(field, host.setFeature(0xC0, 0).code());
        assertEquals(field, host.setFeature(FeatureId.POWER_MANAGEMENT, 1).code());
        assertEquals(field, host.setFeature(FeatureId.NUMBER_OF_QUEUES, 0xFFFF).code());
        assertEquals(field, host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, 1 << 9).code());
        assertEquals(
                StatusCode.FEATURE_NOT_SAVEABLE,
                host.setFeature(FeatureId.ARBITRATION | FeatureId.SAVE, 0).code());
        assertEquals(
                StatusCode.SGL_LENGTH_INVALID, host.setFeature(FeatureId.HOST_BEHAVIOR, 0).code());
        host.connectIo(1);
        assertEquals(
                StatusCode.COMMAND_SEQUENCE_ERROR,
                host.setFeature(FeatureId.NUMBER_OF_QUEUES, 0).code());
        for (int opcode : new int[] {0x00, 0x01, 0x04, 0x05, 0x0D, 0x10, 0x14, 0x80, 0xC0}) {
            Answer answer =
                    TestHost.run(host.admin, sqe -> SubmissionEntry.write(sqe, 0, opcode, 0, 0));
            assertEquals(StatusCode.INVALID_OPCODE, answer.code());
            assertFalse(answer.mayRetry());
        }
    }

    @Test
    void tellsHostsWhoTheyAre() {
        TestHost other = world.connect();
        other.hostId = World.pattern(5, 16);
        other.enable();
        Answer answer = other.getFeature(FeatureId.HOST_IDENTIFIER, 16);
        assertTrue(answer.isOk());
        assertArrayEquals(other.hostId, answer.data());
    }

    @Test
    void keepsHostBehaviour() {
        byte[] behaviour = new byte[512];
        behaviour[0] = 1;
        assertTrue(host.setFeature(FeatureId.HOST_BEHAVIOR, behaviour).isOk());
        assertArrayEquals(behaviour, host.getFeature(FeatureId.HOST_BEHAVIOR, 512).data());
    }

    private long abort(int queueId, int commandId) {
        Answer answer =
                TestHost.run(
                        host.admin,
                        sqe -> {
                            SubmissionEntry.write(sqe, 0, AdminOpcode.ABORT, 0, 0);
                            LittleEndian.put32(
                                    sqe, SubmissionEntry.CDW10, commandId << 16 | queueId);
                        });
        assertTrue(answer.isOk());
        return answer.result();
    }

    @Test
    void abortsEventRequests() {
        int first = host.requestEvent();
        int second = host.requestEvent();
        assertEquals(0, abort(0, second));
        assertEquals(StatusCode.ABORT_REQUESTED, host.admin.await(second).code());
        assertFalse(host.admin.isAnswered(first));
        assertEquals(1, abort(0, second), "it is gone");
        assertEquals(1, abort(0, 0x1234));
        assertEquals(1, abort(7, first), "no such queue");
    }

    @Test
    void abortsWhatWaitsForABufferAndNothingThatADeviceWorksOn() {
        HostQueue io = host.connectIo(1);
        world.device.hold();
        int executing = TestHost.submitRead(io, 0, 32);
        for (int i = 0; i < 15; i++) {
            TestHost.submitRead(io, 32, 32);
        }
        int waits = TestHost.submitRead(io, 64, 32);
        int waitsToo = TestHost.submitWrite(io, 128, World.pattern(1, 65536));
        world.runFor(10_000_000);
        assertEquals(1, abort(1, executing));
        assertEquals(0, abort(1, waits));
        assertEquals(0, abort(1, waitsToo));
        assertEquals(StatusCode.ABORT_REQUESTED, io.await(waits).code());
        assertEquals(StatusCode.ABORT_REQUESTED, io.await(waitsToo).code());
        world.device.letGo();
        assertTrue(io.await(executing).isOk());
        assertTrue(TestHost.read(io, 0, 32).isOk());
        assertFalse(world.device.log.toString().contains("64+32"));
    }

    @Test
    void takesNoCommandBeforeItIsEnabled() {
        TestHost early = world.connect();
        early.hostNqn = "nqn.early";
        early.connect(early.admin, 0, 32, 0xFFFF, World.NQN);
        assertEquals(StatusCode.COMMAND_SEQUENCE_ERROR, early.identify(1, 0, 0).code());
        early.setProperty(ControllerProperty.CC, 0x0046_0001);
        assertTrue(early.identify(1, 0, 0).isOk());
        early.setProperty(ControllerProperty.CC, 0x0046_0000);
        assertEquals(StatusCode.COMMAND_SEQUENCE_ERROR, early.keepAlive().code());
    }

    @Test
    void logsErrorsNewestFirst() {
        HostQueue io = host.connectIo(1);
        for (int i = 0; i < 70; i++) {
            assertFalse(TestHost.read(io, World.BLOCKS + i, 1).isOk());
        }
        MemorySegment log = MemorySegment.ofArray(host.getLog(LogPageId.ERROR, 4096).data());
        for (int i = 0; i < 64; i++) {
            assertEquals(70 - i, ErrorLog.count(log, 64L * i));
            assertEquals(World.BLOCKS + 69 - i, ErrorLog.lba(log, 64L * i));
            int status = ErrorLog.status(log, 64L * i);
            assertEquals(StatusCode.LBA_OUT_OF_RANGE, StatusCode.code(status));
            assertEquals(StatusCode.MORE | StatusCode.DNR, status & ~StatusCode.CODE_MASK);
        }
        MemorySegment smart = MemorySegment.ofArray(host.getLog(LogPageId.SMART, 512).data());
        assertEquals(70, LittleEndian.i64(smart, SmartLog.ERROR_ENTRIES));
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertFalse(TestHost.read(io, 0, 1).isOk());
        assertEquals(
                70,
                ErrorLog.count(MemorySegment.ofArray(host.getLog(LogPageId.ERROR, 64).data()), 0),
                "another path is no error");
    }

    @Test
    void refusesPagesThatItCannotCutSo() {
        int[] unusual = {1 << 23, 1 << 24};
        for (int cdw14 : unusual) {
            Answer answer =
                    TestHost.read(
                            host.admin,
                            512,
                            sqe -> {
                                SubmissionEntry.write(sqe, 0, AdminOpcode.GET_LOG_PAGE, 0, -1);
                                LittleEndian.put32(sqe, SubmissionEntry.CDW10, 127 << 16 | 2);
                                LittleEndian.put32(sqe, SubmissionEntry.CDW14, cdw14);
                            });
            assertEquals(StatusCode.INVALID_FIELD, answer.code());
        }
        Answer otherNamespace =
                TestHost.read(
                        host.admin,
                        512,
                        sqe -> {
                            SubmissionEntry.write(sqe, 0, AdminOpcode.GET_LOG_PAGE, 0, 2);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, 127 << 16 | 2);
                        });
        assertEquals(StatusCode.INVALID_NAMESPACE, otherNamespace.code());
    }

    @Test
    void servesItsLogPages() {
        byte[] supported = host.getLog(LogPageId.SUPPORTED, 1024).data();
        for (int page = 0; page < 256; page++) {
            boolean listed = supported[4 * page] == 1;
            int code = host.getLog(page, 4).code();
            assertEquals(
                    listed ? StatusCode.SUCCESS : StatusCode.INVALID_LOG_PAGE,
                    code,
                    "page " + page); // persistent events and telemetry among those that are not
        }
        byte[] smart = host.getLog(LogPageId.SMART, 512).data();
        assertEquals(300, LittleEndian.u16(MemorySegment.ofArray(smart), 1));
        byte[] slot = host.getLog(LogPageId.FIRMWARE_SLOT, 512).data();
        assertEquals(1, slot[0]);
        byte[] effects = host.getLog(LogPageId.COMMAND_EFFECTS, 4096).data();
        assertEquals(3, effects[1024 + 4]);
        assertEquals(1, effects[1024 + 8]);
        assertEquals(1, effects[4 * AdminOpcode.IDENTIFY]);
        byte[] features = host.getLog(LogPageId.FEATURES, 1024).data();
        for (int feature = 0; feature < 256; feature++) {
            int bytes = feature == FeatureId.HOST_IDENTIFIER ? 16 : 512;
            boolean known = host.getFeature(feature, bytes).isOk();
            assertEquals(known, features[4 * feature] == 1, "feature " + feature);
        }
    }

    /** As much as Identify Controller says that one command may move. */
    @Test
    void servesALogPageToWhoAsksForFarMore() {
        Answer answer = host.getLog(LogPageId.ANA, VolumeSubsystem.TRANSFER_BYTES_MAX);
        assertTrue(answer.isOk(), "status " + answer.code());
        assertEquals(VolumeSubsystem.TRANSFER_BYTES_MAX, answer.data().length);
    }

    @Test
    void countsIoInItsSmartLog() {
        HostQueue io = host.connectIo(1);
        for (int i = 0; i < 130; i++) {
            assertTrue(TestHost.write(io, 0, new byte[4096]).isOk());
        }
        TestHost.read(io, 0, 32);
        MemorySegment smart = MemorySegment.ofArray(host.getLog(LogPageId.SMART, 512).data());
        assertEquals(1, LittleEndian.i64(smart, 32));
        assertEquals(2, LittleEndian.i64(smart, 48));
        assertEquals(1, LittleEndian.i64(smart, 64));
        assertEquals(130, LittleEndian.i64(smart, 80));
    }

    @Test
    void servesAnyPartOfALogPage() {
        byte[] whole = host.getLog(LogPageId.SMART, 512).data();
        byte[] end = host.getLog(LogPageId.SMART, 500, 64, false, 0).data();
        assertArrayEquals(Arrays.copyOf(Arrays.copyOfRange(whole, 500, 512), 64), end);
        assertTrue(host.getLog(LogPageId.SMART, 512, 4, false, 0).isOk());
        assertEquals(
                StatusCode.INVALID_FIELD, host.getLog(LogPageId.SMART, 516, 4, false, 0).code());
        assertEquals(
                StatusCode.INVALID_FIELD, host.getLog(LogPageId.SMART, -4, 4, false, 0).code());
        assertEquals(StatusCode.INVALID_FIELD, host.getLog(LogPageId.SMART, 2, 4, false, 0).code());
        assertEquals(64 * 1024, host.getLog(LogPageId.SMART, 64 * 1024).data().length);
    }

    @Test
    void tellsOfANewSizeOnceUntilTheHostHasLooked() {
        host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_NAMESPACE);
        int first = host.requestEvent();
        world.volume.resize(World.BLOCKS + 1);
        assertEquals(AsyncEvent.NAMESPACE_CHANGED, host.admin.await(first).result());
        int second = host.requestEvent();
        world.volume.resize(World.BLOCKS + 2);
        world.runFor(10_000_000);
        assertFalse(host.admin.isAnswered(second), "it has not looked yet");
        byte[] retained = host.getLog(LogPageId.CHANGED_NS, 0, 4096, true, 0).data();
        assertEquals(1, retained[0]);
        assertFalse(host.admin.isAnswered(second));
        assertEquals(1, host.getLog(LogPageId.CHANGED_NS, 4096).data()[0]);
        assertEquals(AsyncEvent.NAMESPACE_CHANGED, host.admin.await(second).result());
        assertEquals(0, host.getLog(LogPageId.CHANGED_NS, 4096).data()[0]);
        MemorySegment namespace = MemorySegment.ofArray(host.identify(0, 1, 0).data());
        assertEquals(World.BLOCKS + 2, LittleEndian.i64(namespace, 0));
    }

    /** No device works on the request, so nothing else ends it; the world looks at its memory. */
    @Test
    void aHostMayVanishWhileItWaitsForAnEvent() {
        host.requestEvent();
        world.runFor(1_000_000);
        host.close();
        world.runFor(1_000_000);
        assertEquals(0, world.target.connections());
        assertEquals(0, world.target.memories());
    }

    @Test
    void keepsAnEventUntilTheHostAsksForIt() {
        host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_NAMESPACE);
        world.volume.resize(World.BLOCKS + 1);
        world.runFor(1_000_000);
        assertEquals(AsyncEvent.NAMESPACE_CHANGED, host.admin.await(host.requestEvent()).result());
    }

    @Test
    void tellsNothingThatTheHostDidNotAskFor() {
        int request = host.requestEvent();
        world.volume.resize(World.BLOCKS + 1);
        world.runFor(10_000_000);
        assertFalse(host.admin.isAnswered(request));
    }

    @Test
    void limitsTheRequestsThatHostsLeaveWithIt() {
        for (int i = 0; i < 4; i++) {
            host.requestEvent();
        }
        assertEquals(
                StatusCode.ASYNC_EVENT_LIMIT_EXCEEDED,
                host.admin.await(host.requestEvent()).code());
    }

    @Test
    void keepsAnEndedHostsRequestsToNobody() {
        host.requestEvent();
        host.requestEvent();
        host.close();
        world.runFor(10_000_000);
        assertEquals(0, world.target.connections());
    }
}
