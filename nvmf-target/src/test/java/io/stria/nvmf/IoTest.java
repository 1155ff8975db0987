package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.DataPdu;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.FeatureId;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IoTest {
    private final World world = new World();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    static List<HostQueue.Style> styles() {
        return List.of(
                HostQueue.Style.PLAIN,
                HostQueue.Style.DIGESTS,
                new HostQueue.Style(true, false, 31, 4096),
                new HostQueue.Style(false, true, 1, 4100),
                new HostQueue.Style(false, false, 31, 20_000));
    }

    @ParameterizedTest
    @MethodSource("styles")
    void writesAndReadsEverySizeInEveryStyle(HostQueue.Style style) {
        HostQueue queue = world.connect(style).enable().connectIo(1);
        for (int blocks = 1; blocks <= 32; blocks++) {
            byte[] data = World.pattern(blocks, blocks * 4096);
            assertTrue(TestHost.write(queue, blocks, data).isOk());
            Answer read = TestHost.read(queue, blocks, blocks);
            assertTrue(read.isOk());
            assertFalse(read.byDataAlone());
            assertArrayEquals(data, read.data());
        }
        // Two blocks fit into the capsule, the rest is asked for.
        assertEquals(30, queue.requests.size());
        assertEquals(32, world.volume.counters().writes());
        assertEquals(32 * 33 / 2 * 4096, world.volume.counters().readBytes());
    }

    @Test
    void endsReadsWithTheirDataWhereFlowControlIsOff() {
        TestHost host = world.connect();
        host.attributes = ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL;
        host.enable();
        HostQueue queue = host.connectIo(1);
        byte[] data = World.pattern(1, 8192);
        assertTrue(TestHost.write(queue, 7, data).isOk());
        Answer read = TestHost.read(queue, 7, 2);
        assertTrue(read.byDataAlone());
        assertArrayEquals(data, read.data());
        assertFalse(TestHost.read(queue, World.BLOCKS, 1).byDataAlone());
    }

    @Test
    void keepsManyCommandsUnderWayAtOnce() {
        HostQueue queue = world.connect().enable().connectIo(1);
        int[] ids = new int[100];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = TestHost.submitWrite(queue, 20L * i, World.pattern(i, 4096 * (1 + i % 20)));
        }
        for (int id : ids) {
            assertTrue(queue.await(id).isOk());
        }
        for (int i = 0; i < ids.length; i++) {
            Answer read = TestHost.read(queue, 20L * i, 1 + i % 20);
            assertArrayEquals(World.pattern(i, 4096 * (1 + i % 20)), read.data());
        }
    }

    @Test
    void answersOutOfOrderWhenTheDeviceDoes() {
        HostQueue queue = world.connect().enable().connectIo(1);
        world.device.hold();
        int slow = TestHost.submitRead(queue, 0, 1);
        world.runFor(10_000_000);
        int broken = TestHost.submitRead(queue, World.BLOCKS, 1);
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, queue.await(broken).code());
        assertFalse(queue.isAnswered(slow));
        world.device.letGo();
        assertTrue(queue.await(slow).isOk());
    }

    /** Longer than a host may send in one PDU, up to the longest that there is. */
    @ParameterizedTest
    @ValueSource(ints = {32, 33, 129, 256})
    void movesLongTransfersWhole(int blocks) {
        HostQueue queue = world.connect().enable().connectIo(1);
        byte[] data = World.pattern(blocks, 4096 * blocks);
        assertTrue(TestHost.write(queue, 7, data).isOk());
        assertArrayEquals(data, TestHost.read(queue, 7, blocks).data());
        assertRefused(
                StatusCode.INVALID_FIELD,
                TestHost.read(queue, 7, VolumeSubsystem.TRANSFER_BLOCKS_MAX + 1));
    }

    @Test
    void endsAConnectionWhoseDataComesOutOfOrder() {
        HostQueue queue = world.connect().enable().connectIo(1);
        queue.answersRequests = false;
        TestHost.submitWrite(queue, 0, World.pattern(1, 65536));
        queue.awaitRequests(1);
        HostQueue.Request request = queue.requests.getFirst();
        assertEquals(65536, request.bytes());
        queue.sendData(request, 4096, 4096, false);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.DATA_OUT_OF_RANGE, queue.terminated);
        assertEquals(DataPdu.DATAO, queue.terminatedInformation);
        assertTrue(world.device.log.isEmpty());
    }

    @Test
    void endsAConnectionThatSendsMoreThanItWasAskedFor() {
        HostQueue queue = world.connect().enable().connectIo(1);
        queue.answersRequests = false;
        TestHost.submitWrite(queue, 0, World.pattern(1, 12288));
        queue.awaitRequests(1);
        HostQueue.Request request = queue.requests.getFirst();
        queue.sendData(request.commandId(), request.tag(), 0, new byte[12292], true);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.DATA_OUT_OF_RANGE, queue.terminated);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 65535})
    void endsAConnectionThatSendsDataNobodyAskedFor(int tag) {
        HostQueue queue = world.connect().enable().connectIo(1);
        queue.sendData(5, tag, 0, new byte[4096], true);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.INVALID_PDU_HEADER, queue.terminated);
        assertEquals(DataPdu.TTAG, queue.terminatedInformation);
    }

    /** As Linux did before 5.17, whatever MAXH2CDATA says. */
    @Test
    void takesAllThatItAsksForInOnePdu() {
        HostQueue queue = world.connect().enable().connectIo(1);
        queue.answersRequests = false;
        byte[] data = World.pattern(1, VolumeSubsystem.TRANSFER_BYTES_MAX);
        int id = TestHost.submitWrite(queue, 0, data);
        queue.awaitRequests(1);
        HostQueue.Request request = queue.requests.getFirst();
        assertEquals(data.length, request.bytes());
        assertTrue(queue.maxH2cData >= data.length, "MAXH2CDATA " + queue.maxH2cData);
        queue.sendData(request, 0, data.length, true);
        assertTrue(queue.await(id).isOk());
        assertArrayEquals(data, TestHost.read(queue, 0, data.length / 4096).data());
    }

    @Test
    void endsAConnectionThatMixesUpItsCommands() {
        HostQueue queue = world.connect().enable().connectIo(1);
        queue.answersRequests = false;
        TestHost.submitWrite(queue, 0, World.pattern(1, 12288));
        queue.awaitRequests(1);
        HostQueue.Request request = queue.requests.getFirst();
        queue.sendData(request.commandId() + 1, request.tag(), 0, new byte[12288], true);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.INVALID_PDU_HEADER, queue.terminated);
    }

    @Test
    void endsAConnectionWithMoreCommandsThanItsQueueHasEntries() {
        HostQueue queue = world.connect().enable().connectIo(1);
        world.device.hold();
        for (int i = 0; i < 129; i++) {
            TestHost.submitRead(queue, i, 1);
        }
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.PDU_SEQUENCE_ERROR, queue.terminated);
    }

    @Test
    void failsACommandWhoseDataIsBroken() {
        HostQueue queue = world.connect(HostQueue.Style.DIGESTS).enable().connectIo(1);
        queue.dataBroken = true;
        for (int bytes : new int[] {4096, 65536}) {
            Answer answer = TestHost.write(queue, 0, World.pattern(1, bytes));
            assertEquals(StatusCode.TRANSIENT_TRANSPORT_ERROR, answer.code());
            assertTrue(answer.mayRetry());
        }
        queue.dataBroken = false;
        assertTrue(TestHost.write(queue, 0, World.pattern(1, 65536)).isOk());
        assertEquals(List.of("WRITE 0+16"), world.device.log);
    }

    @Test
    void unmapsByWriteZeroesAndByDeallocate() {
        HostQueue queue = world.connect().enable().connectIo(1);
        byte[] data = World.pattern(1, 32 * 4096);
        assertTrue(TestHost.write(queue, 0, data).isOk());
        assertTrue(TestHost.writeZeroes(queue, 3, 2).isOk());
        assertTrue(TestHost.deallocate(queue, 10, 1, 20, 3, 30, 0).isOk());
        byte[] expected = data.clone();
        for (int block : new int[] {3, 4, 10, 20, 21, 22}) {
            Arrays.fill(expected, block * 4096, (block + 1) * 4096, (byte) 0);
        }
        assertArrayEquals(expected, TestHost.read(queue, 0, 32).data());
        assertEquals(2, world.volume.counters().unmaps());
    }

    @Test
    void unmapsLongRangesPieceAfterPiece() {
        HostQueue queue = world.connect().enable().connectIo(1);
        assertTrue(TestHost.deallocate(queue, 0, World.BLOCKS, 5, 1).isOk());
        assertEquals(List.of("UNMAP 0+2048", "UNMAP 2048+2048", "UNMAP 5+1"), world.device.log);
    }

    @Test
    void ignoresHintsThatDeallocateNothing() {
        HostQueue queue = world.connect().enable().connectIo(1);
        byte[] ranges = new byte[16];
        int id =
                queue.submit(
                        sqe -> SubmissionEntry.write(sqe, 0, IoOpcode.DATASET_MANAGEMENT, 0, 1),
                        ranges,
                        true,
                        0);
        assertTrue(queue.await(id).isOk());
        assertTrue(world.device.log.isEmpty());
    }

    @Test
    void flushesOneNamespaceOrAll() {
        HostQueue queue = world.connect().enable().connectIo(1);
        assertTrue(TestHost.flush(queue, 1).isOk());
        assertTrue(TestHost.flush(queue, SubmissionEntry.NSID_ALL).isOk());
        assertEquals(StatusCode.INVALID_NAMESPACE, TestHost.flush(queue, 2).code());
        assertEquals(List.of("FLUSH 0+0", "FLUSH 0+0"), world.device.log);
    }

    private void assertRefused(int code, Answer answer) {
        assertEquals(code, answer.code());
        assertFalse(answer.mayRetry());
    }

    @Test
    void refusesWhatLiesBeyondTheEnd() {
        HostQueue queue = world.connect().enable().connectIo(1);
        int code = StatusCode.LBA_OUT_OF_RANGE;
        assertRefused(code, TestHost.read(queue, World.BLOCKS, 1));
        assertRefused(code, TestHost.read(queue, World.BLOCKS - 1, 2));
        assertRefused(code, TestHost.read(queue, -1, 2));
        assertRefused(code, TestHost.read(queue, Long.MAX_VALUE, 2));
        assertRefused(code, TestHost.write(queue, World.BLOCKS, new byte[4096]));
        assertRefused(code, TestHost.write(queue, World.BLOCKS, new byte[65536]));
        assertRefused(code, TestHost.writeZeroes(queue, World.BLOCKS - 1, 2));
        assertRefused(code, TestHost.deallocate(queue, World.BLOCKS, 1));
        assertRefused(code, TestHost.deallocate(queue, 0, -1));
        assertRefused(code, TestHost.deallocate(queue, -1, 1));
        assertTrue(world.device.log.isEmpty());
        assertTrue(queue.requests.isEmpty(), "no data is asked for in vain");
    }

    @Test
    void refusesCommandsThatItDoesNotKnow() {
        HostQueue queue = world.connect().enable().connectIo(1);
        for (int opcode : new int[] {0x04, 0x0D, 0x0E, 0x11, 0x19, 0x79, 0x80, 0xFC, 0xFF}) {
            Answer answer = TestHost.run(queue, sqe -> TestHost.io(sqe, opcode, 0, 1));
            assertRefused(StatusCode.INVALID_OPCODE, answer);
        }
        byte[] data = new byte[4096];
        int id = queue.submit(sqe -> TestHost.io(sqe, 0x81, 0, 1), data, true, 0);
        assertRefused(StatusCode.INVALID_OPCODE, queue.await(id));
        assertTrue(TestHost.read(queue, 0, 1).isOk(), "the stream is still in step");
    }

    @Test
    void refusesLengthsThatDoNotFitTogether() {
        HostQueue queue = world.connect().enable().connectIo(1);
        int code = StatusCode.SGL_LENGTH_INVALID;
        for (int bytes : new int[] {0, 4095, 4097, 8192}) {
            assertRefused(
                    code,
                    TestHost.read(queue, bytes, sqe -> TestHost.io(sqe, IoOpcode.READ, 0, 1)));
        }
        int id =
                queue.submit(
                        sqe -> TestHost.io(sqe, IoOpcode.WRITE, 0, 2), new byte[4096], true, 0);
        assertRefused(code, queue.await(id));
        assertRefused(
                StatusCode.INVALID_FIELD,
                TestHost.read(queue, 257 * 4096, sqe -> TestHost.io(sqe, IoOpcode.READ, 0, 257)));
        assertRefused(
                StatusCode.INVALID_FIELD,
                TestHost.read(queue, -1, sqe -> TestHost.io(sqe, IoOpcode.READ, 0, 33)));
        assertTrue(world.device.log.isEmpty());
    }

    private Answer raw(
            HostQueue queue, int flags, int sglId, long address, int length, byte[] data) {
        MemorySegment sqe = MemorySegment.ofArray(new byte[64]);
        TestHost.io(sqe, IoOpcode.WRITE, 0, 1);
        LittleEndian.put16(sqe, SubmissionEntry.CID, 0x7777);
        LittleEndian.put8(sqe, SubmissionEntry.FLAGS, flags);
        SglDescriptor.write(sqe, SubmissionEntry.SGL, sglId, length);
        LittleEndian.put64(sqe, SubmissionEntry.SGL, address);
        queue.submitRaw(sqe, data);
        return queue.await(0x7777);
    }

    @Test
    void refusesDescriptorsThatMeanNothing() {
        HostQueue queue = world.connect().enable().connectIo(1);
        byte[] block = new byte[4096];
        assertTrue(raw(queue, 0x40, 0x01, 0, 4096, block).isOk());
        assertRefused(StatusCode.INVALID_FIELD, raw(queue, 0x00, 0x01, 0, 4096, block));
        assertRefused(StatusCode.INVALID_FIELD, raw(queue, 0x41, 0x01, 0, 4096, block));
        assertRefused(StatusCode.SGL_TYPE_INVALID, raw(queue, 0x40, 0x00, 0, 4096, block));
        assertRefused(StatusCode.SGL_OFFSET_INVALID, raw(queue, 0x40, 0x01, 8, 4096, block));
        assertRefused(StatusCode.SGL_LENGTH_INVALID, raw(queue, 0x40, 0x01, 0, 4092, block));
        assertRefused(StatusCode.SGL_LENGTH_INVALID, raw(queue, 0x40, 0x5A, 0, 4096, block));
        assertRefused(
                StatusCode.SGL_LENGTH_INVALID, raw(queue, 0x40, 0x01, 0, 4096, TestHost.NO_DATA));
        assertNull(queue.terminated);
        assertEquals(List.of("WRITE 0+1"), world.device.log);
    }

    @Test
    void tellsTheHostWhatItsDeviceSays() {
        TestHost host = world.connect().enable();
        HostQueue queue = host.connectIo(1);
        byte[] block = new byte[4096];
        record Expected(IoStatus status, int read, int write, boolean retry) {}
        List<Expected> all =
                List.of(
                        new Expected(
                                IoStatus.OUT_OF_RANGE,
                                StatusCode.LBA_OUT_OF_RANGE,
                                StatusCode.LBA_OUT_OF_RANGE,
                                false),
                        new Expected(
                                IoStatus.INVALID,
                                StatusCode.INVALID_FIELD,
                                StatusCode.INVALID_FIELD,
                                false),
                        new Expected(
                                IoStatus.MEDIA_ERROR,
                                StatusCode.UNRECOVERED_READ_ERROR,
                                StatusCode.WRITE_FAULT,
                                false),
                        new Expected(
                                IoStatus.NO_SPACE,
                                StatusCode.CAPACITY_EXCEEDED,
                                StatusCode.CAPACITY_EXCEEDED,
                                false),
                        new Expected(
                                IoStatus.NOT_SERVING,
                                StatusCode.ANA_INACCESSIBLE,
                                StatusCode.ANA_INACCESSIBLE,
                                true),
                        new Expected(
                                IoStatus.FENCED,
                                StatusCode.ANA_INACCESSIBLE,
                                StatusCode.ANA_INACCESSIBLE,
                                true),
                        new Expected(
                                IoStatus.UNAVAILABLE,
                                StatusCode.NAMESPACE_NOT_READY,
                                StatusCode.NAMESPACE_NOT_READY,
                                true),
                        new Expected(
                                IoStatus.DISCONNECTED,
                                StatusCode.NAMESPACE_NOT_READY,
                                StatusCode.NAMESPACE_NOT_READY,
                                true),
                        new Expected(
                                IoStatus.ABORTED,
                                StatusCode.NAMESPACE_NOT_READY,
                                StatusCode.NAMESPACE_NOT_READY,
                                true),
                        new Expected(
                                IoStatus.MISCOMPARE,
                                StatusCode.COMPARE_FAILURE,
                                StatusCode.COMPARE_FAILURE,
                                false));
        for (Expected expected : all) {
            world.device.answer(expected.status);
            Answer read = TestHost.read(queue, 0, 1);
            assertEquals(expected.read, read.code(), expected.toString());
            assertEquals(0, read.data().length, "no data of a failed read leaves");
            assertEquals(expected.retry, read.mayRetry(), expected.toString());
            assertEquals(expected.write, TestHost.write(queue, 0, block).code());
            assertEquals(expected.write, TestHost.writeZeroes(queue, 0, 1).code());
        }
        assertEquals(3, world.volume.counters().mediaErrors());
    }

    @Test
    void delaysRetriesOfHostsThatHonourDelays() {
        TestHost host = world.connect().enable();
        HostQueue queue = host.connectIo(1);
        world.device.answer(IoStatus.UNAVAILABLE);
        int crd = 3 << 11;
        assertEquals(0, TestHost.read(queue, 0, 1).status() & crd);
        byte[] behaviour = new byte[FeatureId.HOST_BEHAVIOR_BYTES];
        behaviour[0] = 1;
        assertTrue(host.setFeature(FeatureId.HOST_BEHAVIOR, behaviour).isOk());
        assertEquals(1 << 11, TestHost.read(queue, 0, 1).status() & crd);
    }

    @Test
    void readsNothingThatOthersLeftInItsBuffers() {
        TestHost host = world.connect().enable();
        HostQueue queue = host.connectIo(1);
        byte[] secret = new byte[4096];
        Arrays.fill(secret, (byte) 0x5A);
        for (int i = 0; i < 200; i++) {
            assertTrue(TestHost.write(queue, i, secret).isOk());
        }
        byte[] log = host.getLog(LogPageId.ERROR, 4096).data();
        for (byte b : log) {
            assertEquals(0, b);
        }
        for (byte b : host.getFeature(FeatureId.KEEP_ALIVE_TIMER, 4096).data()) {
            assertEquals(0, b);
        }
    }
}
