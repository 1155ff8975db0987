package io.stria.dataplane.peer;

import io.stria.dataplane.device.Associations;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.DataPdu;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.PduError;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a peer becomes a member, on the store's end: it names a device and a node, and both sides
 * prove that they know the cluster's secret.
 *
 * <pre>
 * INITIALIZING ──ICReq──► JOINING ──Connect──► CHALLENGED ──its nonce──► ANSWERING
 *                                                                            │ asks for our proof
 *                                                  MEMBER ◄──its proof── PROVEN
 * </pre>
 *
 * Each step once and in this order: whatever else comes is refused, and ends the connection.
 */
final class PeerLogin {
    private enum State {
        INITIALIZING,
        JOINING,
        CHALLENGED,
        ANSWERING,
        PROVEN,
        MEMBER
    }

    static final int NO_MEMBER = -1;
    private static final int DATA_BYTES_MAX = ConnectData.BYTES;
    private static final int NO_STEP = -1;

    private final PeerTarget target;
    private final MemorySegment out;
    private final MemorySegment data;
    private State state = State.INITIALIZING;
    private @Nullable TcpStream stream;
    private int nodeId = NO_MEMBER;
    private PeerTarget.@Nullable Device device;
    private @Nullable PeerShare share;
    private String deviceName = "";
    private @Nullable Associations associations;
    private byte[] ownerNonce = new byte[0];
    private byte[] storeNonce = new byte[0];

    // The step that arrives: an ICReq, or a command.
    private boolean initialize;
    private int step = NO_STEP;
    private int commandId;
    private int dataBytes;
    private int received;

    PeerLogin(PeerTarget target, Arena arena) {
        this.target = target;
        this.out = arena.allocate(IcResp.BYTES, 8);
        this.data = arena.allocate(DATA_BYTES_MAX, 8);
    }

    void onConnected(TcpStream connected) {
        stream = connected;
    }

    boolean isMember() {
        return state == State.MEMBER;
    }

    int memberOrNone() {
        return isMember() ? nodeId : NO_MEMBER;
    }

    /** The device that a member has logged in to. */
    PeerTarget.Device device() {
        return Objects.requireNonNull(device, "no device");
    }

    PeerShare share() {
        return Objects.requireNonNull(share, "no device");
    }

    /** The member's numbers as a client of its device's store. */
    Associations associations() {
        return Objects.requireNonNull(associations, "no device");
    }

    /** A PDU begins that is no command of a member; returns what is wrong with it, or null. */
    @Nullable PduError onHeader(PduType type, MemorySegment pdu, long offset, int bytes) {
        if (type == PduType.IC_REQ) {
            initialize = true;
            return state == State.INITIALIZING && IcReq.pfv(pdu, offset) == 0
                    ? null
                    : PduError.sequence("ICReq out of order");
        }
        if (type != PduType.CAPSULE_CMD || state == State.INITIALIZING) {
            return PduError.sequence("unexpected " + type);
        }
        long sqe = offset + CapsuleCmd.SQE;
        if (SubmissionEntry.opcode(pdu, sqe) != FabricsType.OPCODE || bytes > DATA_BYTES_MAX) {
            return PduError.sequence("a command before the login is complete");
        }
        step = SubmissionEntry.fabricsType(pdu, sqe);
        commandId = SubmissionEntry.commandId(pdu, sqe);
        dataBytes = bytes;
        received = 0;
        return null;
    }

    void onData(MemorySegment source, long offset, int length) {
        MemorySegment.copy(source, offset, data, received, length);
        received += length;
    }

    /** The PDU is there; returns whether it makes the peer a member. */
    boolean onEnd() {
        if (initialize) {
            initialize = false;
            state = State.JOINING;
            IcResp.write(out, 0, 0, 0, 4096);
            send(IcResp.BYTES);
        } else if (step != NO_STEP) {
            int type = step;
            step = NO_STEP;
            advance(type);
            return isMember();
        }
        return false;
    }

    private void advance(int type) {
        if (state == State.JOINING
                && type == FabricsType.CONNECT
                && dataBytes == ConnectData.BYTES) {
            deviceName = ConnectData.subsystemNqn(data, 0);
            nodeId = PeerNames.nodeId(ConnectData.hostNqn(data, 0));
            device = target.deviceOrNull(deviceName);
            if (device == null) {
                refuse(StatusCode.CONNECT_INVALID_PARAMETERS, "no device " + printable(deviceName));
            } else {
                share = target.shareOf(deviceName);
                state = State.CHALLENGED;
                answer(ConnectCommand.RESULT_AUTHENTICATE | 1);
            }
        } else if (state == State.CHALLENGED
                && type == FabricsType.AUTHENTICATION_SEND
                && dataBytes == PeerAuth.NONCE_BYTES) {
            ownerNonce = dataCopy();
            storeNonce = target.auth().nonce();
            state = State.ANSWERING;
            answer(0);
        } else if (state == State.ANSWERING
                && type == FabricsType.AUTHENTICATION_RECEIVE
                && dataBytes == 0) {
            state = State.PROVEN; // once: who asks again and takes nothing would fill the stream
            sendProof();
        } else if (state == State.PROVEN
                && type == FabricsType.AUTHENTICATION_SEND
                && dataBytes == PeerAuth.PROOF_BYTES) {
            if (PeerAuth.matches(
                    target.auth().ownerProof(ownerNonce, storeNonce, deviceName), dataCopy())) {
                associations = new Associations(target.newConnection());
                state = State.MEMBER;
                answer(0);
            } else {
                refuse(
                        StatusCode.CONNECT_INVALID_HOST,
                        "a peer does not know this cluster's secret");
            }
        } else {
            refuse(
                    StatusCode.INVALID_FIELD | StatusCode.DNR,
                    "login step " + type + " out of order");
        }
    }

    private void sendProof() {
        byte[] proof = target.auth().storeProof(ownerNonce, storeNonce, deviceName);
        int bytes = PeerAuth.NONCE_BYTES + PeerAuth.PROOF_BYTES;
        MemorySegment.copy(MemorySegment.ofArray(storeNonce), 0, data, 0, PeerAuth.NONCE_BYTES);
        MemorySegment.copy(
                MemorySegment.ofArray(proof), 0, data, PeerAuth.NONCE_BYTES, PeerAuth.PROOF_BYTES);
        DataPdu.write(out, 0, PduType.C2H_DATA, PduHeader.FLAG_LAST, commandId, 0, 0, bytes);
        PduHeader.frame(out, 0, bytes, 4, false, false);
        send(DataPdu.BYTES);
        if (stream != null) {
            stream.send(data, 0, bytes);
        }
        answer(0);
    }

    private byte[] dataCopy() {
        byte[] bytes = new byte[dataBytes];
        MemorySegment.copy(data, 0, MemorySegment.ofArray(bytes), 0, dataBytes);
        return bytes;
    }

    private void answer(long result) {
        CapsuleResp.writeHeader(out, 0);
        CompletionEntry.write(out, CapsuleResp.CQE, result, 0xFFFF, commandId, StatusCode.SUCCESS);
        send(CapsuleResp.BYTES);
    }

    private void refuse(int status, String reason) {
        TcpStream open = stream;
        if (open != null) {
            target.counters().onDenied();
            target.warn(
                    "a login was refused",
                    "%s is refused: %s".formatted(open.remoteAddress(), reason));
            CapsuleResp.writeHeader(out, 0);
            CompletionEntry.write(out, CapsuleResp.CQE, 0, 0xFFFF, commandId, status);
            send(CapsuleResp.BYTES);
            open.close();
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private void send(int bytes) {
        TcpStream open = stream;
        if (open != null) {
            open.send(out, 0, bytes);
        }
    }
}
