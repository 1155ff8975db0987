package io.stria.control.lease;

import io.stria.control.decisions.UnplacedDevice;
import java.util.List;

/**
 * What only the leader knows, at one time.
 *
 * @param epoch newest committed
 * @param inForceEpoch newest in force
 */
public record LeaderView(
        long term,
        int leaderId,
        long epoch,
        long inForceEpoch,
        List<NodeView> nodes,
        List<UnplacedDevice> unplaced) {
    public LeaderView {
        nodes = List.copyOf(nodes);
        unplaced = List.copyOf(unplaced);
    }

    /** One node as the leader sees it; pid 0 if it has not been heard. */
    public record NodeView(
            int id,
            long pid,
            String engine,
            boolean leased,
            long appliedEpoch,
            List<Serving> serving) {
        public NodeView {
            serving = List.copyOf(serving);
        }
    }
}
