package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes that can make the map larger to the log, but none after which the cluster could
 * come by itself to a map that is too long for a message: no node would get that one, and all would
 * lose their leases. Only the leader looks; what is decided, is.
 *
 * <p>Changes that users ask for end first. What is left above is for devices that are lost, which
 * are named as tombstones then, and for new ones in their place. The rest up to the longest message
 * is for what nobody reckons: nodes that join, some 200 bytes each, and the digits of epochs beyond
 * those of {@link MapSize}.
 */
final class MapGuard {
    /** For changes of users. */
    static final long CHANGE_BYTES_MAX = MessageCodec.BYTES_MAX - (1 << 20);

    /** For what loses a device, or takes the place of a lost one. */
    static final long LOSS_BYTES_MAX = MessageCodec.BYTES_MAX - (1 << 18);

    private final DecisionLog log;

    /** Those, the oldest first, of which the log has not told what became of them. */
    private final List<Open> open = new ArrayList<>();

    MapGuard(DecisionLog log) {
        this.log = log;
    }

    /** Another term: what leaders before have proposed is in the state, or never will be. */
    void clear() {
        open.clear();
    }

    /** The next change waits until it is known what became of this one. */
    boolean isBusy() {
        return open.stream().anyMatch(each -> each.isUnderWay);
    }

    /** Null if the map has room for the change, or it needs none; else a sentence. */
    @Nullable String refusal(Decision decision) {
        MapDraft draft = new MapDraft(log.state().map());
        open.forEach(each -> draft.change(each.decision));
        long before = draft.bytesMax();
        draft.change(decision);
        long after = draft.bytesMax();
        long bytesMax = bytesMax(decision);
        if (after <= bytesMax || after <= before) {
            return null;
        }
        return ("the cluster map, which every node gets as a whole, could grow to %d KiB after it,"
                        + " and it is taken up to %d KiB only: volumes that are deleted, and"
                        + " devices in the places of removed ones ('device replace'), make room")
                .formatted((after + 1023) >> 10, bytesMax >> 10);
    }

    private static long bytesMax(Decision decision) {
        return switch (decision) {
            case Decision.LoseDevices lose -> LOSS_BYTES_MAX;
            case Decision.FailDevices fail -> LOSS_BYTES_MAX;
            case Decision.ReplaceDevice replace -> LOSS_BYTES_MAX;
            default -> CHANGE_BYTES_MAX;
        };
    }

    void propose(Decision decision, DecisionLog.Callback callback) {
        Open next = new Open(decision, callback);
        open.add(next);
        log.propose(decision, next);
    }

    private final class Open implements DecisionLog.Callback {
        private final Decision decision;
        private final DecisionLog.Callback callback;
        private boolean isUnderWay = true;

        Open(Decision decision, DecisionLog.Callback callback) {
            this.decision = decision;
            this.callback = callback;
        }

        @Override
        public void decided(Result result) {
            // Whatever was proposed before has been decided before, or never will be.
            open.subList(0, open.indexOf(this) + 1).clear();
            callback.decided(result);
        }

        @Override
        public void unknown(String why) {
            isUnderWay = false;
            callback.unknown(why);
        }
    }
}
