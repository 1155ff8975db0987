package io.stria.control.consensus;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * One voter's end of the log.
 *
 * @param directory of this voter's log, nobody else's
 * @param mayFormat the cluster is being made; otherwise a missing log is an error, since a voter
 *     that has forgotten what it voted for could undo decisions
 * @param electionMinMs shortest silence of a leader after which a voter stands for election
 * @param snapshotEvery entries between snapshots
 */
public record ConsensusConfig(
        UUID clusterId,
        int nodeId,
        List<Voter> voters,
        Path directory,
        boolean mayFormat,
        int electionMinMs,
        int electionMaxMs,
        int snapshotEvery) {
    /** A voter's consensus address. */
    public record Voter(int nodeId, String address, int port) {}

    public ConsensusConfig {
        voters = List.copyOf(voters);
        if (voters.stream().noneMatch(voter -> voter.nodeId() == nodeId)) {
            throw new IllegalArgumentException("node " + nodeId + " is not a voter");
        }
    }

    public static ConsensusConfig standard(
            UUID clusterId, int nodeId, List<Voter> voters, Path directory, boolean mayFormat) {
        return new ConsensusConfig(
                clusterId, nodeId, voters, directory, mayFormat, 700, 1400, 1000);
    }

    Voter self() {
        return voters.stream().filter(voter -> voter.nodeId() == nodeId).findFirst().orElseThrow();
    }
}
