package io.stria.control.consensus;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DecisionCodec;
import io.stria.control.decisions.Result;
import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpcWithProxy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/**
 * The log on Apache Ratis over mutual TLS. Ratis's threads only put answers into a queue; they are
 * delivered by the thread that polls.
 */
public final class RatisLog implements DecisionLog, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RatisLog.class.getName());
    private static final long PROPOSAL_SECONDS = 5;

    private final ConsensusConfig config;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Runnable wake;
    private final LogMender mender;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile RatisVoter voter;
    private long newestTerm;
    private ClusterState newest = ClusterState.empty();
    private long newestIndex = RaftLog.INVALID_LOG_INDEX;

    private RatisLog(ConsensusConfig config, RatisVoter voter, LogMender mender, Runnable wake) {
        this.config = config;
        this.voter = voter;
        this.mender = mender;
        this.wake = wake;
        voter.state().begun().thenRun(() -> begun.complete(null));
    }

    /**
     * Opens the log and takes part in consensus from now on.
     *
     * @param wake runs, on any thread, when polling would find something
     * @throws IOException if the log cannot be read, or is not there and may not be made
     */
    public static RatisLog start(ConsensusConfig config, MemberIdentity identity, Runnable wake)
            throws IOException {
        QuietLogs.on();
        LogMender mender = new LogMender(config, identity, wake);
        return new RatisLog(config, RatisVoter.open(config, identity, wake), mender, wake);
    }

    /**
     * Completes, on any thread, when this voter has kept a decision: from then on a loss of its log
     * is an error.
     */
    public CompletableFuture<Void> begun() {
        return begun;
    }

    @Override
    public int poll(long nowNs) {
        int work = 0;
        for (Runnable next = answers.poll(); next != null; next = answers.poll()) {
            next.run();
            work++;
        }
        mend(nowNs);
        return work;
    }

    /** The log of one that is opened anew is applied again, from its last snapshot on. */
    private void mend(long nowNs) {
        RatisVoter before = voter;
        RatisVoter after = mender.poll(before, nowNs);
        if (after != before) {
            newestTerm = currentTerm();
            newest = state();
            newestIndex = Math.max(newestIndex, before.state().appliedIndex());
            voter = after;
            after.state().begun().thenRun(() -> begun.complete(null));
        }
    }

    @Override
    public long leadingTerm() {
        return voter.leadingTerm();
    }

    @Override
    public long currentTerm() {
        return Math.max(newestTerm, voter.currentTerm());
    }

    @Override
    public Leader leader() {
        return voter.leader();
    }

    @Override
    public ClusterState state() {
        ReplicatedState state = voter.state();
        return state.appliedIndex() >= newestIndex ? state.state() : newest;
    }

    @Override
    public void propose(Decision decision, Callback callback) {
        RaftServer server = voter.server();
        RaftClientRequest request =
                RaftClientRequest.newBuilder()
                        .setClientId(clientId)
                        .setServerId(server.getId())
                        .setGroupId(groupId())
                        .setCallId(calls.incrementAndGet())
                        .setMessage(
                                Message.valueOf(
                                        ByteString.copyFrom(DecisionCodec.encode(decision))))
                        .setType(RaftClientRequest.writeRequestType())
                        .build();
        try {
            server.submitClientRequestAsync(request)
                    .orTimeout(PROPOSAL_SECONDS, TimeUnit.SECONDS)
                    .whenComplete((reply, failure) -> answer(callback, reply, failure));
        } catch (IOException | RuntimeException e) { // of the second kind where it is being closed
            answer(callback, null, e);
        }
    }

    private void answer(
            Callback callback, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
        answers.add(() -> deliver(callback, reply, failure));
        wake.run();
    }

    private static void deliver(
            Callback callback, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
        if (reply == null || !reply.isSuccess()) {
            callback.unknown(String.valueOf(reply == null ? failure : reply.getException()));
            return;
        }
        Result result;
        try {
            result = DecisionCodec.decodeResult(reply.getMessage().getContent().toByteArray());
        } catch (IOException e) {
            callback.unknown(e.toString());
            return;
        }
        callback.decided(result);
    }

    /**
     * A voter that was away is there. Connections to it are not tried at once: while it was away
     * the time between two tries has grown to many seconds, and an election would wait for it. A
     * leader looks after its connections itself. Does not block: closing the old connections waits
     * for seconds when a request hangs in one of them, which is longer than a lease.
     */
    public void reconnect(int nodeId) {
        if (leader().nodeId() == 0
                && voter.server().getServerRpc() instanceof RaftServerRpcWithProxy<?, ?> rpc) {
            Thread.ofVirtual()
                    .name("stria-reconnect-" + nodeId)
                    .start(() -> rpc.getProxies().resetProxy(RatisVoter.peerId(nodeId)));
        }
    }

    /**
     * Nothing comes of it where this voter has not heard of an entry of that leader's term; the
     * leader's silence starts an election then. Does not block.
     */
    @Override
    public void standFor(int endedLeader) {
        RatisVoter now = voter;
        TermIndex last = now.division().getRaftLog().getLastEntryTermIndex();
        if (last == null) {
            return;
        }
        StartLeaderElectionRequestProto request =
                StartLeaderElectionRequestProto.newBuilder()
                        .setServerRequest(
                                RaftRpcRequestProto.newBuilder()
                                        .setRequestorId(
                                                RatisVoter.peerId(endedLeader).toByteString())
                                        .setReplyId(now.server().getId().toByteString())
                                        .setRaftGroupId(
                                                ProtoUtils.toRaftGroupIdProtoBuilder(groupId()))
                                        .setCallId(calls.incrementAndGet()))
                        .setLeaderLastEntry(last.toProto())
                        .build();
        Thread.ofVirtual().name("stria-stand").start(() -> stand(now.server(), request));
    }

    private static void stand(RaftServer server, StartLeaderElectionRequestProto request) {
        try {
            server.startLeaderElection(request);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "did not stand for election", e);
        }
    }

    private RaftGroupId groupId() {
        return RaftGroupId.valueOf(config.clusterId());
    }

    /** Whether this voter takes part in decisions; not for a while after an error of its disk. */
    public boolean alive() {
        return mender.isWell() && voter.alive();
    }

    /** To be called when nobody polls any more. */
    @Override
    public void close() throws IOException {
        try {
            mender.close();
        } finally {
            voter.close();
        }
    }
}
