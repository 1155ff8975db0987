package io.stria.control.consensus;

import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.security.TlsConf;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;

/**
 * Ratis's server of one voter, from when its log is opened until it is closed. Any thread may call
 * it.
 */
final class RatisVoter implements AutoCloseable {
    private final ConsensusConfig config;
    private final RaftServer server;
    private final RaftServer.Division division;
    private final ReplicatedState state;
    private volatile boolean closing;

    private RatisVoter(
            ConsensusConfig config,
            RaftServer server,
            RaftServer.Division division,
            ReplicatedState state) {
        this.config = config;
        this.server = server;
        this.division = division;
        this.state = state;
    }

    /**
     * Takes part in consensus from now on.
     *
     * @param wake runs, on any thread, when something has changed
     * @throws IOException if the log cannot be read, or is not there and may not be made
     */
    static RatisVoter open(ConsensusConfig config, MemberIdentity identity, Runnable wake)
            throws IOException {
        if (!config.mayFormat()) {
            Optional<String> lost = VoterFiles.lost(config.directory(), config.clusterId());
            if (lost.isPresent()) {
                throw new IOException(
                        lost.get()
                                + ": this node voted in cluster "
                                + config.clusterId()
                                + " and must not begin again with an empty log, since it would"
                                + " forget what it voted for. Put its log back if it lies"
                                + " elsewhere; otherwise leave this node down, the others decide"
                                + " without it, and fail its devices");
            }
        }
        Files.createDirectories(config.directory());
        RaftGroupId groupId = RaftGroupId.valueOf(config.clusterId());
        RaftGroup group =
                RaftGroup.valueOf(groupId, config.voters().stream().map(RatisVoter::peer).toList());
        ReplicatedState state = new ReplicatedState(wake);
        RaftServer server =
                RaftServer.newBuilder()
                        .setServerId(peerId(config.nodeId()))
                        .setGroup(group)
                        .setStateMachine(state)
                        .setProperties(RatisProperties.of(config))
                        .setParameters(security(identity))
                        .setOption(RaftStorage.StartupOption.RECOVER)
                        .build();
        try {
            server.start();
            return new RatisVoter(config, server, server.getDivision(groupId), state);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static Parameters security(MemberIdentity identity) {
        GrpcTlsConfig tls =
                GrpcTlsConfig.newBuilder()
                        .setName("members")
                        .setPrivateKey(new TlsConf.PrivateKeyConf(identity.key()))
                        .setKeyCertificates(new TlsConf.CertificatesConf(identity.certificate()))
                        .setTrustCertificates(new TlsConf.CertificatesConf(identity.authority()))
                        .setMutualTls(true)
                        .setSslProvider(SslProvider.JDK)
                        .setProtocols("TLSv1.3")
                        .build();
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(parameters, tls);
        return parameters;
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

    static RaftPeerId peerId(int nodeId) {
        return RaftPeerId.valueOf("n" + nodeId);
    }

    RaftServer server() {
        return server;
    }

    RaftServer.Division division() {
        return division;
    }

    ReplicatedState state() {
        return state;
    }

    /** 0 where it does not lead, or has not applied all that was decided before. */
    long leadingTerm() {
        DivisionInfo info = division.getInfo();
        long term = info.getCurrentTerm();
        // Ready means that the first entry of its term, and so every one before, has been applied.
        boolean ready = !closing && info.isLeader() && info.isLeaderReady();
        return ready && info.getCurrentTerm() == term ? term : 0;
    }

    long currentTerm() {
        return division.getInfo().getCurrentTerm();
    }

    DecisionLog.Leader leader() {
        DivisionInfo info = division.getInfo();
        long term = info.getCurrentTerm();
        RaftPeerId leader = info.getLeaderId();
        return closing || leader == null || info.getCurrentTerm() != term
                ? DecisionLog.Leader.UNKNOWN
                : new DecisionLog.Leader(term, Integer.parseInt(leader.toString().substring(1)));
    }

    /** Whether Ratis goes on with it; not whether its log takes entries. */
    boolean alive() {
        return !closing && division.getInfo().isAlive();
    }

    /**
     * Whether the newest term stands on the disk. For a moment it does not while a voter goes on to
     * the next. When writing it has failed it stays so: such a candidate never stands again, and
     * what was written before is gone, too, since Ratis puts a file without content in its place.
     */
    boolean termIsKept() {
        long kept = VoterFiles.keptTerm(config.directory(), config.clusterId());
        return kept >= division.getInfo().getCurrentTerm();
    }

    /**
     * Writes what this voter must not forget. It may vote for nobody else in this term from then
     * on, whomever it has voted for: as a candidate it goes on to the next one anyway. Nothing else
     * may be written any more: to be called when it is closed.
     *
     * @throws IOException if it cannot be written
     */
    void keepTerm() throws IOException {
        DivisionInfo info = division.getInfo();
        long term;
        do {
            term = info.getCurrentTerm();
            division.getRaftStorage()
                    .getMetadataFile()
                    .persist(RaftStorageMetadata.valueOf(term, server.getId()));
        } while (term != info.getCurrentTerm());
    }

    @Override
    public void close() throws IOException {
        closing = true;
        server.close();
    }
}
