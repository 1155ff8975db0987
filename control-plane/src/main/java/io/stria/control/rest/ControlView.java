package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.control.consensus.DecisionLog.Leader;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows, as the control thread last published it; immutable, so any thread reads it.
 *
 * @param voterFailure why this node's voter takes part in nothing; null if it does, or there is
 *     none
 * @param polledNs when the control thread was last seen alive
 */
public record ControlView(
        ClusterMap map,
        long appliedEpoch,
        long inForceEpoch,
        long leaseEndNs,
        long incarnation,
        Leader leader,
        @Nullable String voterFailure,
        long polledNs) {}
