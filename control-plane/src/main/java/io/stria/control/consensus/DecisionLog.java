package io.stria.control.consensus;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;

/**
 * One node's end of the replicated log. Every method is called by the one thread that polls it, and
 * every callback comes on that thread, from within {@link #poll}.
 */
public interface DecisionLog {
    /** Who leads, as far as one node knows. */
    record Leader(long term, int nodeId) {
        public static final Leader UNKNOWN = new Leader(0, 0);
    }

    /** What became of a proposal. */
    interface Callback {
        void decided(Result result);

        /** It may have been decided or not: leadership was lost, or time ran out. */
        void unknown(String why);
    }

    /**
     * Whether this voter takes part at all. Once it does not, because its disk has failed for
     * instance, it never does again before its process starts anew: it leads nothing, knows no
     * leader, stands for nothing, and a word that needs a voter must not be given.
     */
    default boolean alive() {
        return true;
    }

    /** Delivers what has happened; returns how much that was. */
    int poll(long nowNs);

    /**
     * The term in which this node leads, once it has applied everything decided before that term; 0
     * while it does not lead.
     */
    long leadingTerm();

    /**
     * The newest term this voter knows of. Once it has voted for a leader of a later term it never
     * again answers with an earlier one.
     */
    long currentTerm();

    /**
     * A term that this voter never falls behind again, whatever ends its process; 0 if it knows of
     * none. It may lie before the current one, which a voter knows of before its disk does.
     */
    long keptTerm();

    Leader leader();

    /** The newest state applied here; on a leader, nothing newer has been answered to anybody. */
    ClusterState state();

    /**
     * Stands for election now, on behalf of a leader whose process has ended or stands still: what
     * a leader that hands over says to its successor (TimeoutNow in section 3.10 of Ongaro's
     * "Consensus: Bridging Theory and Practice"), said in its stead. Does nothing where somebody
     * else leads by now.
     */
    void standFor(int formerLeader);

    /**
     * Has another voter stand for election, while this one leads: the next one each time, since
     * that one may be away. Nothing comes of it where that voter does not follow. Does not block.
     *
     * @param why for the log
     */
    void handOver(String why);

    /** Ends with exactly one call of the callback. */
    void propose(Decision decision, Callback callback);
}
