package io.stria.nvmf;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.DatasetRange;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.sim.SimulatedEngine;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A host with one controller: its admin queue, its IO queues, and the commands it knows. */
final class TestHost {
    static final String NQN = "nqn.2014-08.org.nvmexpress:uuid:host";
    static final int QUEUE_ENTRIES = 128;
    static final byte[] NO_DATA = new byte[0];

    private final SimulatedEngine engine;
    private final InetSocketAddress target;
    private final String subsystem;
    final HostQueue.Style style;
    String hostNqn = NQN;
    byte[] hostId = new byte[16];
    int attributes;
    int keepAliveMs;
    int controllerId;
    HostQueue admin;
    final List<HostQueue> io = new ArrayList<>();

    TestHost(
            SimulatedEngine engine,
            InetSocketAddress target,
            String subsystem,
            HostQueue.Style style) {
        this.engine = engine;
        this.target = target;
        this.subsystem = subsystem;
        this.style = style;
        this.admin = open();
    }

    HostQueue open() {
        return HostQueue.open(engine, target, style);
    }

    Answer connect(HostQueue queue, int queueId, int entries, int controller, String nqn) {
        return queue.await(submitConnect(queue, queueId, entries, controller, nqn));
    }

    int submitConnect(HostQueue queue, int queueId, int entries, int controller, String nqn) {
        byte[] data = new byte[ConnectData.BYTES];
        ConnectData.write(MemorySegment.ofArray(data), 0, hostId, controller, nqn, hostNqn);
        return queue.submit(
                sqe -> ConnectCommand.write(sqe, 0, 0, queueId, entries, attributes, keepAliveMs),
                data,
                true,
                0);
    }

    /** Admin queue connected and controller enabled. */
    TestHost enable() {
        Answer answer = connect(admin, 0, 32, ConnectData.ANY_CONTROLLER, subsystem);
        if (!answer.isOk()) {
            throw new AssertionError("connect: " + answer);
        }
        controllerId = (int) answer.result() & 0xFFFF;
        setProperty(ControllerProperty.CC, 0x0046_0001);
        return this;
    }

    /** An IO queue, connected. */
    HostQueue connectIo(int queueId) {
        HostQueue queue = open();
        Answer answer = connect(queue, queueId, QUEUE_ENTRIES, controllerId, subsystem);
        if (!answer.isOk()) {
            throw new AssertionError("connect of queue %d: %s".formatted(queueId, answer));
        }
        io.add(queue);
        return queue;
    }

    // Admin commands.

    Answer getProperty(int property, boolean isLong) {
        return run(admin, sqe -> PropertyCommand.writeGet(sqe, 0, 0, property, isLong));
    }

    Answer setProperty(int property, int value) {
        return run(admin, sqe -> PropertyCommand.writeSet(sqe, 0, 0, property, value));
    }

    Answer identify(int cns, int nsid, int commandSet) {
        return read(
                admin,
                4096,
                sqe -> {
                    SubmissionEntry.write(sqe, 0, AdminOpcode.IDENTIFY, 0, nsid);
                    LittleEndian.put32(sqe, SubmissionEntry.CDW10, cns);
                    LittleEndian.put32(sqe, SubmissionEntry.CDW11, commandSet << 24);
                });
    }

    Answer getLog(int page, int bytes) {
        return getLog(page, 0, bytes, false, 0);
    }

    Answer getLog(int page, long from, int bytes, boolean retain, int specific) {
        return admin.await(submitGetLog(page, from, bytes, retain, specific));
    }

    int submitGetLog(int page, int bytes) {
        return submitGetLog(page, 0, bytes, false, 0);
    }

    private int submitGetLog(int page, long from, int bytes, boolean retain, int specific) {
        return admin.submit(
                sqe -> {
                    SubmissionEntry.write(
                            sqe, 0, AdminOpcode.GET_LOG_PAGE, 0, SubmissionEntry.NSID_ALL);
                    int dwords = bytes / 4 - 1;
                    int cdw10 = page | specific << 8 | (retain ? 1 << 15 : 0) | dwords << 16;
                    LittleEndian.put32(sqe, SubmissionEntry.CDW10, cdw10);
                    LittleEndian.put32(sqe, SubmissionEntry.CDW11, dwords >>> 16);
                    LittleEndian.put64(sqe, SubmissionEntry.CDW12, from);
                },
                NO_DATA,
                false,
                bytes);
    }

    Answer setFeature(int cdw10, int cdw11) {
        return run(admin, sqe -> feature(sqe, AdminOpcode.SET_FEATURES, cdw10, cdw11));
    }

    Answer setFeature(int cdw10, byte[] data) {
        return admin.await(
                admin.submit(
                        sqe -> feature(sqe, AdminOpcode.SET_FEATURES, cdw10, 0), data, true, 0));
    }

    Answer getFeature(int cdw10, int dataBytes) {
        return read(admin, dataBytes, sqe -> feature(sqe, AdminOpcode.GET_FEATURES, cdw10, 0));
    }

    private static void feature(MemorySegment sqe, int opcode, int cdw10, int cdw11) {
        SubmissionEntry.write(sqe, 0, opcode, 0, 0);
        LittleEndian.put32(sqe, SubmissionEntry.CDW10, cdw10);
        LittleEndian.put32(sqe, SubmissionEntry.CDW11, cdw11);
    }

    int requestEvent() {
        return admin.submit(
                sqe -> SubmissionEntry.write(sqe, 0, AdminOpcode.ASYNC_EVENT_REQUEST, 0, 0),
                NO_DATA,
                false,
                0);
    }

    Answer keepAlive() {
        return run(admin, sqe -> SubmissionEntry.write(sqe, 0, AdminOpcode.KEEP_ALIVE, 0, 0));
    }

    static Answer run(HostQueue queue, Consumer<MemorySegment> fields) {
        return queue.await(queue.submit(fields, NO_DATA, false, 0));
    }

    static Answer read(HostQueue queue, int bytes, Consumer<MemorySegment> fields) {
        return queue.await(queue.submit(fields, NO_DATA, false, bytes));
    }

    // IO commands.

    static int submitWrite(HostQueue queue, long lba, byte[] data) {
        boolean inCapsule = data.length <= 8192;
        return queue.submit(
                sqe -> io(sqe, IoOpcode.WRITE, lba, Math.max(1, data.length / 4096)),
                data,
                inCapsule,
                0);
    }

    static int submitRead(HostQueue queue, long lba, int blocks) {
        return queue.submit(
                sqe -> io(sqe, IoOpcode.READ, lba, blocks), NO_DATA, false, blocks * 4096);
    }

    static Answer write(HostQueue queue, long lba, byte[] data) {
        return queue.await(submitWrite(queue, lba, data));
    }

    static Answer read(HostQueue queue, long lba, int blocks) {
        return queue.await(submitRead(queue, lba, blocks));
    }

    static Answer flush(HostQueue queue, int nsid) {
        return run(queue, sqe -> SubmissionEntry.write(sqe, 0, IoOpcode.FLUSH, 0, nsid));
    }

    static Answer writeZeroes(HostQueue queue, long lba, int blocks) {
        return run(queue, sqe -> io(sqe, IoOpcode.WRITE_ZEROES, lba, blocks));
    }

    /** Ranges are pairs of first block and count; always 4096 bytes of data, as Linux sends. */
    static Answer deallocate(HostQueue queue, long... ranges) {
        byte[] data = new byte[4096];
        for (int i = 0; i < ranges.length / 2; i++) {
            DatasetRange.write(
                    MemorySegment.ofArray(data), 16L * i, ranges[2 * i], (int) ranges[2 * i + 1]);
        }
        return queue.await(
                queue.submit(
                        sqe -> {
                            SubmissionEntry.write(sqe, 0, IoOpcode.DATASET_MANAGEMENT, 0, 1);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, ranges.length / 2 - 1);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW11, DatasetRange.DEALLOCATE);
                        },
                        data,
                        true,
                        0));
    }

    static void io(MemorySegment sqe, int opcode, long lba, int blocks) {
        SubmissionEntry.write(sqe, 0, opcode, 0, 1);
        SubmissionEntry.putLbas(sqe, 0, lba, blocks);
    }

    void close() {
        io.forEach(queue -> queue.stream().close());
        admin.stream().close();
    }
}
