package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.control.decisions.ClusterState;

/**
 * The maps that a node gets from one leader after the other, of which the newest counts; and that
 * one which it has taken was lost with the decision that made it. That is seen only if the other
 * map of its epoch, or the first map of a leader that has lost it, arrives; if neither does, the
 * leader finds it.
 */
final class ReceivedMaps {
    private static final System.Logger LOG = System.getLogger(ReceivedMaps.class.getName());

    /** What a map is for the node. */
    enum News {
        NEWER,

        /** The one that it has was lost, or will be: it must serve nothing by it. */
        LOST,

        /** It is late or doubled. */
        NOTHING
    }

    private final int nodeId;
    private ClusterMap newest = ClusterState.empty().map();

    /** The newest of which a map has come. */
    private long term;

    private long strayEpoch;
    private boolean strays;

    ReceivedMaps(int nodeId) {
        this.nodeId = nodeId;
    }

    /** At epoch 0 before the first. */
    ClusterMap newest() {
        return newest;
    }

    /** What leaders before say of maps and leases is late, or was lost. */
    boolean isTimely(long saidInTerm) {
        return saidInTerm >= term;
    }

    /** The newest lost map that this node knows to have taken; 0 if there was none. */
    long strayEpoch() {
        return strayEpoch;
    }

    News take(long mapTerm, ClusterMap map) {
        if (!isTimely(mapTerm)) {
            return News.NOTHING;
        }
        // Whoever is elected knows all that was decided: an older map comes first from a new leader
        // only if it has lost the newer one.
        boolean isLost = mapTerm > term && map.epoch() < newest.epoch();
        term = mapTerm;
        if (map.epoch() > newest.epoch()) {
            newest = map;
            return News.NEWER;
        }
        if (!isLost && (map.epoch() < newest.epoch() || map.equals(newest))) {
            return News.NOTHING;
        }
        if (strayEpoch != newest.epoch()) {
            strayEpoch = newest.epoch();
            tell(map.epoch());
        }
        strays = true;
        return News.LOST;
    }

    private void tell(long epoch) {
        LOG.log(
                System.Logger.Level.ERROR,
                "node {0} has a map of epoch {1}, and the leader of term {2} another one, of epoch"
                        + " {3}: decisions have been lost. It serves nothing before it has a map of"
                        + " a later epoch; what was written by the lost one may be lost as well",
                String.valueOf(nodeId),
                String.valueOf(strayEpoch),
                String.valueOf(term),
                String.valueOf(epoch));
    }

    /**
     * It has a later map, and is to come in as one that was away: so what it owns starts at a new
     * epoch, and marks of its slots are renewed.
     */
    boolean mustRegister() {
        return strays && newest.epoch() > strayEpoch;
    }

    void registered() {
        strays = false;
    }
}
