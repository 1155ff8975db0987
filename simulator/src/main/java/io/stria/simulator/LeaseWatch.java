package io.stria.simulator;

import io.stria.control.lease.Message;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Looks at what leaders say to nodes. A lease is granted to a node that had applied the newest map
 * that was decided when its renewal arrived, and by a leader after which no other had been elected
 * by then. An epoch is called in force when every process that holds a lease has applied it. No
 * epoch has two maps, as far as nodes say what they have applied.
 */
final class LeaseWatch {
    /** So many renewals are remembered; a leader answers within a fraction of that. */
    private static final int REMEMBERED = 4096;

    /** A renewal, as one leader has it. */
    private record Renewal(int leader, int node, long incarnation, long sequence) {}

    /** What was true when it arrived. */
    private record Arrival(long applied, long decided, long term) {}

    private final List<SimulatedNode> nodes;
    private final LongSupplier decidedEpoch;
    private final LongSupplier newestTerm;
    private final Map<Renewal, Arrival> arrivals = new LinkedHashMap<>();
    private final Map<Long, String> digests = new HashMap<>();

    /**
     * @param decidedEpoch epoch of the newest map that was decided
     * @param newestTerm the term of the last leader that was elected
     */
    LeaseWatch(List<SimulatedNode> nodes, LongSupplier decidedEpoch, LongSupplier newestTerm) {
        this.nodes = nodes;
        this.decidedEpoch = decidedEpoch;
        this.newestTerm = newestTerm;
    }

    void onArrived(int from, int to, Message message) {
        if (message instanceof Message.Renew renew) {
            checkDigest(from, renew);
            arrivals.putIfAbsent(
                    new Renewal(to, from, renew.incarnation(), renew.sequence()),
                    new Arrival(
                            renew.appliedEpoch(),
                            decidedEpoch.getAsLong(),
                            newestTerm.getAsLong()));
            if (arrivals.size() > REMEMBERED) {
                arrivals.remove(arrivals.keySet().iterator().next());
            }
        }
    }

    private void checkDigest(int node, Message.Renew renew) {
        String known = digests.putIfAbsent(renew.appliedEpoch(), renew.appliedDigest());
        if (known != null && !known.equals(renew.appliedDigest())) {
            throw new AssertionError(
                    "node %d has applied another map of epoch %d than others"
                            .formatted(node, renew.appliedEpoch()));
        }
    }

    void onSent(int from, int to, Message message) {
        if (message instanceof Message.InForce inForce) {
            checkInForce(from, inForce.epoch());
        }
        if (message instanceof Message.Renewed renewed && renewed.granted()) {
            Arrival arrival =
                    arrivals.remove(
                            new Renewal(from, to, renewed.incarnation(), renewed.sequence()));
            if (arrival != null) {
                check(from, to, renewed, arrival);
            }
        }
    }

    private void checkInForce(int leader, long epoch) {
        for (SimulatedNode node : nodes) {
            NodeProcess process = node.processOrNull();
            if (process != null && process.holdsLease() && process.appliedEpoch() < epoch) {
                throw new AssertionError(
                        "node %d has a lease and applied map %d, but node %d calls %d in force"
                                .formatted(node.id(), process.appliedEpoch(), leader, epoch));
            }
        }
    }

    private static void check(int from, int to, Message.Renewed renewed, Arrival arrival) {
        if (arrival.applied() < arrival.decided()) {
            throw new AssertionError(
                    "node %d gets a lease of node %d, having applied map %d, when %d was decided"
                            .formatted(to, from, arrival.applied(), arrival.decided()));
        }
        if (renewed.term() < arrival.term()) {
            throw new AssertionError(
                    "node %d gets a lease of node %d, the leader of term %d, when that of term %d"
                                    .formatted(to, from, renewed.term(), arrival.term())
                            + " had been elected");
        }
    }
}
