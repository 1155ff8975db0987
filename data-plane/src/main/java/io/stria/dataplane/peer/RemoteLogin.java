package io.stria.dataplane.peer;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IcReq;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * How an owner becomes a member at the other end of a connection, as {@link PeerLogin} draws it
 * there. One for all connections to a store, one after another.
 */
final class RemoteLogin {
    private enum Step {
        INITIALIZING,
        JOINING,
        CHALLENGING,
        PROVING,
        COMPLETE
    }

    /** What an answer makes of it. */
    enum Outcome {
        GOES_ON,
        COMPLETE,
        /** By either side, which would soon do so again. */
        REFUSED,
        OUT_OF_ORDER
    }

    /** The identifier of its commands, one at a time but for the challenge: no other has it. */
    static final int COMMAND_ID = OutstandingCommands.QUEUE_DEPTH;

    private static final System.Logger LOG = System.getLogger(RemoteLogin.class.getName());

    private final int ownNodeId;
    private final String device;
    private final PeerAuth auth;
    private final CapsuleSender capsules;
    private final MemorySegment data;
    private Step step = Step.INITIALIZING;
    private int challengeAnswers;
    private byte[] ownNonce = new byte[0];

    /**
     * @param device the name of the store's device
     */
    RemoteLogin(int ownNodeId, String device, PeerAuth auth, CapsuleSender capsules, Arena arena) {
        this.ownNodeId = ownNodeId;
        this.device = device;
        this.auth = auth;
        this.capsules = capsules;
        this.data = arena.allocate(PeerAuth.NONCE_BYTES + PeerAuth.PROOF_BYTES, 8);
    }

    boolean isInitializing() {
        return step == Step.INITIALIZING;
    }

    /** Whether data up to there is awaited in {@link #data}: the store's nonce and proof. */
    boolean takes(long endBytes) {
        return step == Step.CHALLENGING && endBytes <= data.byteSize();
    }

    MemorySegment data() {
        return data;
    }

    /** Begins it on a connection that was just made. */
    void initialize(TcpStream stream) {
        challengeAnswers = 0;
        step = Step.INITIALIZING;
        IcReq.write(capsules.header(), 0, 0, 0, 0);
        stream.send(capsules.header(), 0, IcReq.BYTES);
    }

    /** The connection is initialized. */
    void join(TcpStream stream) {
        step = Step.JOINING;
        ConnectCommand.write(
                capsules.header(),
                CapsuleCmd.SQE,
                COMMAND_ID,
                1,
                OutstandingCommands.QUEUE_DEPTH,
                ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL,
                0);
        byte[] hostId = new byte[ConnectData.HOSTID_BYTES];
        hostId[0] = (byte) ownNodeId;
        hostId[1] = (byte) (ownNodeId >>> 8);
        ConnectData.write(
                capsules.header(),
                CapsuleCmd.BYTES,
                hostId,
                ConnectData.ANY_CONTROLLER,
                device,
                PeerNames.node(ownNodeId));
        capsules.send(stream, capsules.header(), CapsuleCmd.BYTES, ConnectData.BYTES);
    }

    /** A command of it is answered. */
    Outcome answered(TcpStream stream, InetSocketAddress address, int status) {
        if (status != StatusCode.SUCCESS) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} at {1} refused step {2} of the login: status {3}",
                    device,
                    address,
                    step,
                    Integer.toHexString(status));
            return Outcome.REFUSED;
        }
        return switch (step) {
            case JOINING -> {
                challenge(stream);
                yield Outcome.GOES_ON;
            }
            case CHALLENGING -> ++challengeAnswers == 2 ? prove(stream, address) : Outcome.GOES_ON;
            case PROVING -> {
                step = Step.COMPLETE;
                yield Outcome.COMPLETE;
            }
            case INITIALIZING, COMPLETE -> Outcome.OUT_OF_ORDER;
        };
    }

    private void challenge(TcpStream stream) {
        step = Step.CHALLENGING;
        ownNonce = auth.nonce();
        send(stream, FabricsType.AUTHENTICATION_SEND, ownNonce);
        send(stream, FabricsType.AUTHENTICATION_RECEIVE, new byte[0]);
    }

    private Outcome prove(TcpStream stream, InetSocketAddress address) {
        byte[] storeNonce = dataBytes(0, PeerAuth.NONCE_BYTES);
        byte[] proof = dataBytes(PeerAuth.NONCE_BYTES, PeerAuth.PROOF_BYTES);
        if (!PeerAuth.matches(auth.storeProof(ownNonce, storeNonce, device), proof)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} at {1} does not know this cluster''s secret",
                    device,
                    address);
            return Outcome.REFUSED;
        }
        step = Step.PROVING;
        byte[] ownProof = auth.ownerProof(ownNonce, storeNonce, device);
        send(stream, FabricsType.AUTHENTICATION_SEND, ownProof);
        return Outcome.GOES_ON;
    }

    private void send(TcpStream stream, int type, byte[] bytes) {
        MemorySegment header = capsules.header();
        SubmissionEntry.writeFabrics(header, CapsuleCmd.SQE, type, COMMAND_ID);
        boolean receive = type == FabricsType.AUTHENTICATION_RECEIVE;
        SglDescriptor.write(
                header,
                CapsuleCmd.SQE + SubmissionEntry.SGL,
                receive ? SglDescriptor.ID_TRANSPORT : SglDescriptor.ID_IN_CAPSULE,
                receive ? PeerAuth.NONCE_BYTES + PeerAuth.PROOF_BYTES : bytes.length);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
        capsules.send(stream, data, 0, bytes.length);
    }

    private byte[] dataBytes(int offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(data, offset, MemorySegment.ofArray(bytes), 0, length);
        return bytes;
    }
}
