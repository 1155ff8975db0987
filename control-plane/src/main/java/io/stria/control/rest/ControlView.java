package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.lease.VoterReport;

/**
 * What this node knows, as the control thread last published it; immutable, so any thread reads it.
 *
 * @param voter this node's
 * @param workingVoters those that take part in decisions, as far as is known where this node leads;
 *     else 0
 * @param polledNs when the control thread was last seen alive
 */
public record ControlView(
        int nodeId,
        ClusterMap map,
        long appliedEpoch,
        long inForceEpoch,
        long leaseEndNs,
        long incarnation,
        Leader leader,
        VoterReport voter,
        int workingVoters,
        long polledNs) {}
