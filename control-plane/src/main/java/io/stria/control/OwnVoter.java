package io.stria.control;

import io.stria.control.consensus.ConsensusConfig;
import io.stria.control.consensus.RatisLog;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.VoterReport;
import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.net.BindException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** This node's voter, if it is to have one: its end of the log, or why that could not be opened. */
final class OwnVoter implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(OwnVoter.class.getName());

    /** Null on a node that is no voter, and where it could not be opened. */
    final @Nullable RatisLog log;

    private final String unopened;
    private final @Nullable LogRoom room;

    private OwnVoter(@Nullable RatisLog log, String unopened, @Nullable LogRoom room) {
        this.log = log;
        this.unopened = unopened;
        this.room = room;
    }

    /**
     * @param wake runs, on any thread, when polling the log would find something
     * @throws IOException if the port is taken, or the log cannot be made; one that was made and
     *     cannot be opened leaves the node without its voter
     */
    static OwnVoter open(ControlConfig config, Runnable wake) throws IOException {
        NodeSpec self = config.self().spec();
        if (!self.voter()) {
            return new OwnVoter(null, "", null);
        }
        ConsensusConfig consensus =
                ConsensusConfig.standard(
                        config.clusterId(),
                        config.nodeId(),
                        config.voters(),
                        config.directory(),
                        config.mayFormat());
        MemberIdentity identity =
                MemberIdentity.of(config.secret(), "node-" + self.id(), self.address());
        RatisLog log = null;
        String unopened = "";
        try {
            log = RatisLog.start(consensus, identity, wake);
        } catch (IOException | RuntimeException e) {
            if (config.mayFormat() || isTaken(e)) {
                throw e;
            }
            unopened = "it could not be opened (" + e.getMessage() + ")";
            LOG.log(Level.SEVERE, "this node goes on without its voter: " + unopened, e);
        }
        return new OwnVoter(log, unopened, LogRoom.of(config.directory()));
    }

    /** Nothing is the matter with the log: whoever starts the node is to free the port. */
    private static boolean isTaken(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    /** What is told with each renewal; never waits. */
    VoterReport report() {
        if (room == null) {
            return VoterReport.NONE;
        }
        if (log == null) {
            return new VoterReport(VoterReport.State.UNOPENED, unopened, room.freeBytes());
        }
        String failure = log.failure();
        return failure == null
                ? VoterReport.works(room.freeBytes())
                : new VoterReport(VoterReport.State.FAILED, failure, room.freeBytes());
    }

    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
        if (log != null) {
            try {
                log.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the log did not close well", e);
            }
        }
    }
}
