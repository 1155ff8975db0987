package io.stria.nvmf;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IcReq;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.R2t;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.Engine;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A host that does one kind of IO as fast as it can, from one queue, and allocates nothing at it.
 * For tests of steady state and for measurements.
 */
final class LoadHost {
    /**
     * What to do.
     *
     * @param blocks size of each IO
     * @param span blocks of the volume that are used
     */
    record Load(boolean write, int blocks, int depth, long span) {}

    private static final int CAPSULE_BYTES_MAX = 8192;

    private final Engine engine;
    private final InetSocketAddress target;
    private final String nqn;
    private final Load load;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment pdu = arena.allocate(128, 8);
    private final MemorySegment data = arena.allocate(1 << 20, 4096);
    private final long[] startedNs = new long[128];
    private int controllerId;
    private long nextBlock;
    private long done;
    private long failed;
    private long latencyNs;

    LoadHost(Engine engine, InetSocketAddress target, String nqn, Load load) {
        this.engine = engine;
        this.target = target;
        this.nqn = nqn;
        this.load = load;
    }

    /** Connects, and goes on until the engine is closed. */
    void start() {
        engine.connect(target, new Link(0));
    }

    long done() {
        return done;
    }

    long failed() {
        return failed;
    }

    /** Sum over all that is done. */
    long latencyNs() {
        return latencyNs;
    }

    /** One connection: the admin queue connects the IO queue, which does the work. */
    private final class Link implements StreamHandler, PduReader.Handler {
        private final int queueId;
        private final PduReader reader =
                new PduReader(arena, new PduLimits(false, 0, 1 << 20, 4), this);
        private @Nullable TcpStream stream;
        private int answers;

        Link(int queueId) {
            this.queueId = queueId;
        }

        @Override
        public void onConnected(TcpStream connected) {
            stream = connected;
            IcReq.write(pdu, 0, 0, 0, 0);
            connected.send(pdu, 0, IcReq.BYTES);
        }

        private TcpStream stream() {
            return Objects.requireNonNull(stream);
        }

        @Override
        public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
            int consumed = reader.read(buffer, offset, length);
            assert reader.error() == null : reader.error();
            return consumed;
        }

        @Override
        public void onSendSpace(TcpStream from) {}

        @Override
        public void onClosed(TcpStream from, int errno) {
            failed++;
        }

        @Override
        public boolean onHeader(PduType type, MemorySegment header, long offset, int dataBytes) {
            switch (type) {
                case IC_RESP -> connectQueue();
                case CAPSULE_RESP -> onAnswer(header, offset + CapsuleResp.CQE);
                case R2T -> sendData(header, offset);
                case C2H_DATA -> {}
                default -> throw new AssertionError(type);
            }
            return true;
        }

        @Override
        public void onData(MemorySegment source, long offset, int length) {}

        @Override
        public void onEnd(boolean dataIntact) {}

        private void connectQueue() {
            int controller = queueId == 0 ? ConnectData.ANY_CONTROLLER : controllerId;
            ConnectCommand.write(pdu, CapsuleCmd.SQE, 0, queueId, 128, 0, 0);
            ConnectData.write(data, 0, new byte[16], controller, nqn, TestHost.NQN);
            send(ConnectData.BYTES);
        }

        private void send(int capsuleBytes) {
            CapsuleCmd.writeHeader(pdu, 0);
            PduHeader.frame(pdu, 0, capsuleBytes, 4, false, false);
            stream().send(pdu, 0, CapsuleCmd.BYTES);
            if (capsuleBytes > 0) {
                stream().send(data, 0, capsuleBytes);
            }
        }

        private void onAnswer(MemorySegment header, long cqe) {
            if (CompletionEntry.status(header, cqe) != StatusCode.SUCCESS) {
                failed++;
            }
            int answer = answers++;
            if (queueId > 0) {
                onIoAnswer(answer, CompletionEntry.commandId(header, cqe));
            } else if (answer == 0) {
                controllerId = CompletionEntry.dw0(header, cqe) & 0xFFFF;
                PropertyCommand.writeSet(
                        pdu, CapsuleCmd.SQE, 0, ControllerProperty.CC, 0x0046_0001);
                SglDescriptor.write(
                        pdu, CapsuleCmd.SQE + SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, 0);
                send(0);
            } else {
                engine.connect(target, new Link(1));
            }
        }

        private void onIoAnswer(int answer, int commandId) {
            if (answer == 0) {
                for (int i = 0; i < load.depth; i++) {
                    submit(i);
                }
                return;
            }
            done++;
            latencyNs += System.nanoTime() - startedNs[commandId];
            submit(commandId);
        }

        private void submit(int commandId) {
            int bytes = load.blocks * 4096;
            boolean inCapsule = load.write && bytes <= CAPSULE_BYTES_MAX;
            startedNs[commandId] = System.nanoTime();
            SubmissionEntry.write(
                    pdu, CapsuleCmd.SQE, load.write ? IoOpcode.WRITE : IoOpcode.READ, commandId, 1);
            SubmissionEntry.putLbas(pdu, CapsuleCmd.SQE, nextBlock, load.blocks);
            nextBlock = (nextBlock + 7L * load.blocks) % (load.span - load.blocks);
            SglDescriptor.write(
                    pdu,
                    CapsuleCmd.SQE + SubmissionEntry.SGL,
                    inCapsule ? SglDescriptor.ID_IN_CAPSULE : SglDescriptor.ID_TRANSPORT,
                    bytes);
            send(inCapsule ? bytes : 0);
        }

        private void sendData(MemorySegment header, long offset) {
            int bytes = (int) R2t.dataBytes(header, offset);
            int commandId = R2t.commandId(header, offset);
            int tag = R2t.transferTag(header, offset);
            DataPdu.write(pdu, 0, PduType.H2C_DATA, PduHeader.FLAG_LAST, commandId, tag, 0, bytes);
            PduHeader.frame(pdu, 0, bytes, 4, false, false);
            stream().send(pdu, 0, DataPdu.BYTES);
            stream().send(data, 0, bytes);
        }
    }
}
