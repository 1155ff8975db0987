package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.Message;
import io.stria.control.lease.VoterReport;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** A node without a cluster: what is asked of it gets the answer that the test has laid out. */
final class StubControl implements ControlAccess {
    final BlockingQueue<Message> delivered = new LinkedBlockingQueue<>();
    volatile ClusterMap map = ClusterState.empty().map();
    final BlockingQueue<CompletableFuture<Result>> undecided = new LinkedBlockingQueue<>();
    volatile boolean leaderless;
    volatile long nowNs;
    volatile Result answer = new Result(Result.Outcome.DONE, 7, "");

    @Override
    public ControlView view() {
        return new ControlView(0, map, 0, 0, 0, 0, Leader.UNKNOWN, VoterReport.NONE, null, 0);
    }

    @Override
    public MoveRates rates() {
        return new MoveRates();
    }

    @Override
    public CompletableFuture<Result> change(Decision decision) {
        if (leaderless) {
            CompletableFuture<Result> later = new CompletableFuture<>();
            undecided.add(later);
            return later;
        }
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletableFuture<Result> scrub(VolumeEntry volume) {
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletableFuture<LeaderView> leaderView() {
        return CompletableFuture.failedFuture(new IllegalStateException("there is no leader"));
    }

    @Override
    public CompletableFuture<Result> attestEnded(int nodeId, long incarnation) {
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public void standsStill(int nodeId, long incarnation) {}

    @Override
    public void deliver(int from, List<Message> messages, HeldRequest request) {
        delivered.addAll(messages);
        request.release();
    }

    @Override
    public long nowNs() {
        return nowNs;
    }
}
