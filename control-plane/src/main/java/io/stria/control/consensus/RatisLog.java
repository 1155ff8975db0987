package io.stria.control.consensus;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DecisionCodec;
import io.stria.control.decisions.Result;
import io.stria.control.security.MemberIdentity;
import io.stria.runtime.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.security.TlsConf;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpcWithProxy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.util.ProtoUtils;
import org.apache.ratis.util.function.CheckedSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log on Apache Ratis over mutual TLS. Ratis's threads only put answers into a queue; they are
 * delivered by the thread that polls.
 */
public final class RatisLog implements DecisionLog, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RatisLog.class.getName());
    private static final long PROPOSAL_SECONDS = 5;

    /** The name of the thread that asks another voter to lead. */
    static final String HAND_OVER = "stria-hand-over";

    private final List<RaftPeerId> others;
    private final int silentMs;
    private final FollowerWatch followers = new FollowerWatch();
    private final Reconnections reconnections = new Reconnections();
    private final RaftServer server;
    private final RaftServer.Division division;
    private final RaftGroupId groupId;
    private final ReplicatedState state;
    private final FailStop failStop;
    private final KeptVote keptVote;
    private final Beginning beginning = new Beginning();
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Runnable wake;
    private volatile boolean closing;
    private boolean endIsTold;
    private int handedOver;

    private RatisLog(
            ConsensusConfig config,
            RaftServer server,
            RaftGroupId groupId,
            ReplicatedState state,
            FailStop failStop,
            KeptVote keptVote,
            Runnable wake)
            throws IOException {
        others =
                config.voters().stream()
                        .map(ConsensusConfig.Voter::nodeId)
                        .filter(id -> id != config.nodeId())
                        .map(RatisLog::peerId)
                        .toList();
        // Heartbeats go out twice in that time.
        silentMs = config.electionMinMs();
        this.server = server;
        this.groupId = groupId;
        this.state = state;
        this.failStop = failStop;
        this.keptVote = keptVote;
        this.wake = wake;
        division = server.getDivision(groupId);
    }

    /**
     * Opens the log and takes part in consensus from now on.
     *
     * @param wake runs, on any thread, when polling would find something
     */
    public static RatisLog start(ConsensusConfig config, MemberIdentity identity, Runnable wake)
            throws IOException {
        QuietLogs.on();
        RaftGroupId groupId = RaftGroupId.valueOf(config.clusterId());
        prepareDirectory(config);
        RaftGroup group =
                RaftGroup.valueOf(groupId, config.voters().stream().map(RatisLog::peer).toList());
        FailStop failStop = new FailStop(wake);
        KeptVote keptVote = new KeptVote();
        ReplicatedState state = new ReplicatedState(failStop, wake);
        RaftServer server =
                RaftServer.newBuilder()
                        .setServerId(peerId(config.nodeId()))
                        .setGroup(group)
                        .setStateMachine(state)
                        .setProperties(RatisProperties.of(config))
                        .setParameters(parameters(identity, failStop, keptVote))
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .build();
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            server.close();
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            throw new IOException(String.valueOf(cause), e);
        }
        failStop.guards(server);
        return new RatisLog(config, server, groupId, state, failStop, keptVote, wake);
    }

    /**
     * Ratis makes a log where there is none, or one without anything in it. The vote alone is
     * looked for: a voter that has heard of no decision yet has no more than that.
     */
    private static void prepareDirectory(ConsensusConfig config) throws IOException {
        Path log = config.directory().resolve(config.clusterId().toString());
        Path vote = log.resolve("current").resolve("raft-meta");
        if (Files.notExists(vote) && !config.mayFormat()) {
            throw new IOException(
                    vote
                            + " is missing: this node voted in cluster "
                            + config.clusterId()
                            + " and must not begin again with an empty log. Put back what was in "
                            + config.directory()
                            + " if you have it");
        }
        Files.createDirectories(config.directory());
        if (Files.exists(vote)) {
            TornEnd.cut(log.resolve("current"));
        }
        // Ratis takes all that it finds for durable, also what a killed process has only written.
        Durable.forceAll(config.directory());
    }

    private static Parameters parameters(
            MemberIdentity identity, FailStop failStop, KeptVote keptVote) {
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(parameters, tls(identity));
        failStop.putInto(parameters);
        keptVote.putInto(parameters);
        return parameters;
    }

    static GrpcTlsConfig tls(MemberIdentity identity) {
        return GrpcTlsConfig.newBuilder()
                .setName("members")
                .setPrivateKey(new TlsConf.PrivateKeyConf(identity.key()))
                .setKeyCertificates(new TlsConf.CertificatesConf(identity.certificate()))
                .setTrustCertificates(new TlsConf.CertificatesConf(identity.authority()))
                .setMutualTls(true)
                .setSslProvider(SslProvider.JDK)
                .setProtocols("TLSv1.3")
                .build();
    }

    private static RaftPeer peer(ConsensusConfig.Voter voter) {
        return RaftPeer.newBuilder()
                .setId(peerId(voter.nodeId()))
                .setAddress(hostPort(voter))
                .build();
    }

    private static String hostPort(ConsensusConfig.Voter voter) {
        boolean v6 = voter.address().indexOf(':') >= 0;
        return (v6 ? "[" + voter.address() + "]" : voter.address()) + ":" + voter.port();
    }

    private static RaftPeerId peerId(int nodeId) {
        return RaftPeerId.valueOf("n" + nodeId);
    }

    @Override
    public int poll(long nowNs) {
        int work = 0;
        for (Runnable next = answers.poll(); next != null; next = answers.poll()) {
            next.run();
            work++;
        }
        if (!closing) {
            watch(nowNs);
        }
        return work;
    }

    private void watch(long nowNs) {
        DivisionInfo info = division.getInfo();
        followers.poll(info, nowNs);
        if (!info.isAlive()) {
            failStop.fail("Ratis has given it up, after an error above");
        }
        if (!alive()) {
            tellOfEnd();
        } else if (beginning.isStuck(info.isLeader() && !info.isLeaderReady(), nowNs)) {
            handOver("this voter was elected and cannot begin");
        }
    }

    /** Consensus goes on without this voter, and nobody else would say so. */
    private void tellOfEnd() {
        if (!endIsTold) {
            endIsTold = true;
            LOG.log(
                    System.Logger.Level.ERROR,
                    "this voter takes part in no decision any more, as if it were away: "
                            + failStop.reason()
                            + ". Look at its disk and whether there is room, and restart this node");
        }
    }

    @Override
    public void handOver(String why) {
        TermIndex last = alive() ? division.getRaftLog().getLastEntryTermIndex() : null;
        if (last == null || others.isEmpty() || !division.getInfo().isLeader()) {
            return;
        }
        RaftPeerId next = others.get(handedOver++ % others.size());
        LOG.log(System.Logger.Level.WARNING, why + ": " + next + " is to lead in its place");
        StartLeaderElectionRequestProto request = election(server.getId(), next, last);
        Thread.ofVirtual()
                .name(HAND_OVER)
                .start(() -> stand(() -> server.getServerRpc().startLeaderElection(request)));
    }

    @Override
    public long leadingTerm() {
        DivisionInfo info = division.getInfo();
        long term = info.getCurrentTerm();
        // Ready means that the first entry of its term, and so every one before, has been applied.
        boolean ready = alive() && info.isLeader() && info.isLeaderReady();
        return ready && info.getCurrentTerm() == term ? term : 0;
    }

    @Override
    public long currentTerm() {
        return division.getInfo().getCurrentTerm();
    }

    /**
     * A leader's own is as durable as its own vote: its first entry was written after it, and Ratis
     * lets nothing count as decided that the leader has not flushed itself.
     */
    @Override
    public long keptTerm() {
        return Math.max(keptVote.term(), leadingTerm());
    }

    @Override
    public Leader leader() {
        DivisionInfo info = division.getInfo();
        long term = info.getCurrentTerm();
        RaftPeerId leader = info.getLeaderId();
        return leader == null || info.getCurrentTerm() != term || !alive()
                ? Leader.UNKNOWN
                : new Leader(term, Integer.parseInt(leader.toString().substring(1)));
    }

    @Override
    public ClusterState state() {
        return state.state();
    }

    @Override
    public void propose(Decision decision, Callback callback) {
        RaftClientRequest request =
                RaftClientRequest.newBuilder()
                        .setClientId(clientId)
                        .setServerId(server.getId())
                        .setGroupId(groupId)
                        .setCallId(calls.incrementAndGet())
                        .setMessage(
                                Message.valueOf(
                                        ByteString.copyFrom(DecisionCodec.encode(decision))))
                        .setType(RaftClientRequest.writeRequestType())
                        .build();
        String failure = failStop.reason();
        if (failure != null) {
            answer(callback, null, new IOException(failure));
            return;
        }
        try {
            server.submitClientRequestAsync(request)
                    .orTimeout(PROPOSAL_SECONDS, TimeUnit.SECONDS)
                    .whenComplete((reply, thrown) -> answer(callback, reply, thrown));
        } catch (IOException | RejectedExecutionException e) {
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
     * A voter that was away is there. Connections to it begin anew: on the old ones the time
     * between two tries has grown to as long as it was away, by TCP's count and by gRPC's, and for
     * that long an election would wait, and a leader's entries. Does not block.
     *
     * @return false if nothing was done: this voter leads, and the other one has answered just now;
     *     or connections to it began anew within the last second; or this one takes part in nothing
     *     any more
     */
    public boolean reconnect(int nodeId, long nowNs) {
        RaftPeerId peer = peerId(nodeId);
        if (!alive()
                || silenceMs(nodeId) < silentMs
                || !(server.getServerRpc() instanceof RaftServerRpcWithProxy<?, ?> rpc)) {
            return false;
        }
        return reconnections.start(
                nodeId,
                nowNs,
                () -> {
                    // Else the old connection is closed with grace, and for three seconds requests
                    // stay in it that should go into the new one.
                    Thread.currentThread().interrupt();
                    rpc.getProxies().resetProxy(peer);
                });
    }

    /** As {@link FollowerWatch#silenceMs}. */
    long silenceMs(int nodeId) {
        return FollowerWatch.silenceMs(division.getInfo(), peerId(nodeId));
    }

    /**
     * Nothing comes of it where this voter has not heard of an entry of that leader's term; the
     * leader's silence starts an election then. Does not block.
     */
    @Override
    public void standFor(int formerLeader) {
        TermIndex last = alive() ? division.getRaftLog().getLastEntryTermIndex() : null;
        if (last == null) {
            return;
        }
        StartLeaderElectionRequestProto request =
                election(peerId(formerLeader), server.getId(), last);
        Thread.ofVirtual()
                .name("stria-stand")
                .start(() -> stand(() -> server.startLeaderElection(request)));
    }

    private StartLeaderElectionRequestProto election(
            RaftPeerId leader, RaftPeerId candidate, TermIndex last) {
        return StartLeaderElectionRequestProto.newBuilder()
                .setServerRequest(
                        RaftRpcRequestProto.newBuilder()
                                .setRequestorId(leader.toByteString())
                                .setReplyId(candidate.toByteString())
                                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(groupId))
                                .setCallId(calls.incrementAndGet()))
                .setLeaderLastEntry(last.toProto())
                .build();
    }

    private static void stand(CheckedSupplier<?, IOException> asking) {
        try {
            asking.get();
        } catch (IOException | StatusRuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "nobody stood for election", e);
        }
    }

    @Override
    public boolean alive() {
        return failStop.reason() == null;
    }

    /** Why this voter takes part in nothing any more; null while it does. */
    public @Nullable String failure() {
        return failStop.reason();
    }

    @Override
    public void close() throws IOException {
        closing = true;
        server.close();
        failStop.await();
    }
}
