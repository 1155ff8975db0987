package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import java.util.TreeMap;

/**
 * Which maps the leader of one term has decided or found decided, so that what nodes say to have
 * applied can be compared with them. One epoch has one map, unless decisions were lost: by voters
 * whose disks lied, or that decide by other rules than the rest.
 */
final class DecidedMaps {
    /** What becomes of the word of a node that has applied a map. */
    enum Verdict {
        SAME,

        /** Of an epoch before this term, or of none. */
        UNKNOWN,

        /** Another one of that epoch: one of the two was lost. */
        OTHER,

        /** Of an epoch that nobody has decided: lost, if this leader still leads. */
        AHEAD
    }

    private final TreeMap<Long, String> digests = new TreeMap<>();

    void clear() {
        digests.clear();
    }

    void add(ClusterMap map) {
        digests.put(map.epoch(), MapCodec.digest(map));
    }

    /** They are in force: nobody who has a lease names them any more. */
    void forgetBelow(long epoch) {
        digests.headMap(epoch).clear();
    }

    Verdict of(Message.Renew renewal) {
        String digest = digests.get(renewal.appliedEpoch());
        if (digest != null) {
            return digest.equals(renewal.appliedDigest()) ? Verdict.SAME : Verdict.OTHER;
        }
        boolean isAhead = !digests.isEmpty() && renewal.appliedEpoch() > digests.lastKey();
        return isAhead ? Verdict.AHEAD : Verdict.UNKNOWN;
    }
}
