package io.stria.control.rest;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What REST may ask of the control thread; called on any thread, answered on any. */
public interface ControlAccess {
    /** Never waits. */
    ControlView view();

    /** How fast pages move, as far as this node has seen it. */
    MoveRates rates();

    /** Ends when the leader has answered and this node knows the epoch that came of it. */
    CompletableFuture<Result> change(Decision decision);

    /**
     * Asks the volume's owner for a scrub; not ready if its node does not serve the volume at that
     * epoch, or does not answer within two seconds.
     */
    CompletableFuture<Result> scrub(VolumeEntry volume);

    /** Fails when no leader answers within a second. */
    CompletableFuture<LeaderView> leaderView();

    CompletableFuture<Result> attestEnded(int nodeId, long incarnation);

    /** A hint, which nobody has to take. */
    void standsStill(int nodeId, long incarnation);

    /**
     * @param request may be held until there are answers, and is answered in any case
     */
    void deliver(int from, List<Message> messages, HeldRequest request);

    long nowNs();
}
