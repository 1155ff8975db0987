package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows, as the control thread last published it; immutable, so any thread reads it.
 *
 * @param voter this node's
 * @param leads what it knows as the leader; null while it does not lead
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
        @Nullable LeaderView leads,
        long polledNs) {}
