package io.stria.perf.load;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.Cns;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.IdentifyNamespace;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The admin queue: enables the controller, and learns what the namespace is like. */
final class AdminLink extends HostLink {
    private static final int ENABLE = 0x0046_0001;
    private static final int NUMBER_OF_QUEUES = 0x07;
    private static final int IDENTIFY_BYTES = 4096;
    private static final int CAPSULE_UNIT_BYTES = 16;

    private enum Step {
        ENABLING,
        AWAITING_READY,
        SETTING_QUEUES,
        IDENTIFYING_CONTROLLER,
        IDENTIFYING_NAMESPACE,
        DONE
    }

    private final int nsid;
    private final int queues;
    private final MemorySegment identified;
    private Step step = Step.ENABLING;
    private long dataAt;

    /** The data that arrives says that the command has succeeded: no completion follows. */
    private boolean dataEnds;

    private int controllerId = ConnectData.ANY_CONTROLLER;
    private int capsuleDataBytes;
    private long blocks;
    private int blockBytes;

    AdminLink(Arena arena, TargetAddress target, int queues) {
        super(arena, target.nqn(), 0);
        this.nsid = target.nsid();
        this.queues = queues;
        this.identified = arena.allocate(IDENTIFY_BYTES, 8);
    }

    boolean isDone() {
        return step == Step.DONE;
    }

    /** What a write may carry in its capsule. */
    int capsuleDataBytes() {
        return capsuleDataBytes;
    }

    /** Of the namespace, in logical blocks. */
    long blocks() {
        return blocks;
    }

    int blockBytes() {
        return blockBytes;
    }

    @Override
    int queueEntries() {
        return 32;
    }

    @Override
    int controllerId() {
        return controllerId;
    }

    @Override
    void onQueue(MemorySegment cqe, long offset) {
        controllerId = CompletionEntry.dw0(cqe, offset) & 0xFFFF;
        PropertyCommand.writeSet(pdu, CapsuleCmd.SQE, 0, ControllerProperty.CC, ENABLE);
        putNoData();
        sendCapsule(pdu, 0);
    }

    @Override
    void onCompletion(MemorySegment cqe, long offset) {
        int status = CompletionEntry.status(cqe, offset);
        if (status != 0) {
            fail("%s fails with status %#x".formatted(step, status));
            return;
        }
        goOn(CompletionEntry.dw0(cqe, offset));
    }

    private void goOn(int result) {
        switch (step) {
            case ENABLING -> askWhetherReady();
            case AWAITING_READY -> {
                if ((result & ControllerProperty.CSTS_READY) == 0) {
                    askWhetherReady();
                } else {
                    setQueues();
                }
            }
            case SETTING_QUEUES -> identify(Step.IDENTIFYING_CONTROLLER, Cns.CONTROLLER, 0);
            case IDENTIFYING_CONTROLLER -> {
                int units = identified.get(ValueLayout.JAVA_INT, IdentifyController.IOCCSZ);
                capsuleDataBytes = units * CAPSULE_UNIT_BYTES - SubmissionEntry.BYTES;
                identify(Step.IDENTIFYING_NAMESPACE, Cns.NAMESPACE, nsid);
            }
            case IDENTIFYING_NAMESPACE -> {
                int format = identified.get(ValueLayout.JAVA_BYTE, 26) & 0xF;
                blocks = identified.get(ValueLayout.JAVA_LONG, IdentifyNamespace.NSZE);
                blockBytes =
                        1
                                << identified.get(
                                        ValueLayout.JAVA_BYTE,
                                        IdentifyNamespace.LBAF0 + 4L * format + 2);
                step = Step.DONE;
            }
            case DONE -> {}
        }
    }

    private void askWhetherReady() {
        step = Step.AWAITING_READY;
        PropertyCommand.writeGet(pdu, CapsuleCmd.SQE, 0, ControllerProperty.CSTS, false);
        putNoData();
        sendCapsule(pdu, 0);
    }

    private void setQueues() {
        step = Step.SETTING_QUEUES;
        SubmissionEntry.write(pdu, CapsuleCmd.SQE, AdminOpcode.SET_FEATURES, 1, 0);
        pdu.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                CapsuleCmd.SQE + SubmissionEntry.CDW10,
                NUMBER_OF_QUEUES);
        pdu.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                CapsuleCmd.SQE + SubmissionEntry.CDW11,
                (queues - 1) << 16 | (queues - 1));
        putNoData();
        sendCapsule(pdu, 0);
    }

    private void identify(Step next, int cns, int namespace) {
        step = next;
        SubmissionEntry.write(pdu, CapsuleCmd.SQE, AdminOpcode.IDENTIFY, 2, namespace);
        pdu.set(ValueLayout.JAVA_INT_UNALIGNED, CapsuleCmd.SQE + SubmissionEntry.CDW10, cns);
        SglDescriptor.write(
                pdu,
                CapsuleCmd.SQE + SubmissionEntry.SGL,
                SglDescriptor.ID_TRANSPORT,
                IDENTIFY_BYTES);
        sendCapsule(pdu, 0);
    }

    @Override
    void onReadData(MemorySegment header, long offset) {
        dataAt = DataPdu.dataOffset(header, offset);
        dataEnds = DataPdu.isSuccess(header, offset);
    }

    @Override
    public void onEnd(boolean dataIntact) {
        if (dataEnds) {
            dataEnds = false;
            goOn(0);
        }
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        MemorySegment.copy(source, offset, identified, dataAt, length);
        dataAt += length;
    }

    @Override
    void onRequest(MemorySegment header, long offset) {
        fail("the target asks for data on the admin queue");
    }
}
