package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayDeque;
import java.util.Deque;

/** Decides at once, and says so at once or when it is told to. */
final class PlainLog implements DecisionLog {
    ClusterState state = ClusterState.empty();
    int decided;

    /** As {@link #keptTerm()} tells it. */
    long kept = 1;

    /** Answers wait for {@link #tellAll} or {@link #loseAll}. */
    boolean holdsAnswers;

    /** Nothing is in the state before it is told. */
    boolean isSlow;

    private record Held(Decision decision, Callback callback) {}

    private final Deque<Held> held = new ArrayDeque<>();

    @Override
    public void propose(Decision decision, Callback callback) {
        decided++;
        if (!isSlow) {
            Result result = decide(decision);
            if (!holdsAnswers) {
                callback.decided(result);
                return;
            }
        }
        held.add(new Held(decision, callback));
    }

    private Result decide(Decision decision) {
        Decider.Step step = Decider.apply(state, decision);
        state = step.state();
        return step.result();
    }

    void tellAll() {
        while (!held.isEmpty()) {
            Held next = held.remove();
            next.callback.decided(decide(next.decision));
        }
    }

    void loseAll() {
        while (!held.isEmpty()) {
            held.remove().callback.unknown("test");
        }
    }

    @Override
    public int poll(long nowNs) {
        return 0;
    }

    @Override
    public long leadingTerm() {
        return 1;
    }

    @Override
    public long currentTerm() {
        return 1;
    }

    @Override
    public long keptTerm() {
        return kept;
    }

    @Override
    public Leader leader() {
        return new Leader(1, 1);
    }

    @Override
    public ClusterState state() {
        return state;
    }

    @Override
    public void standFor(int formerLeader) {}

    @Override
    public void handOver(String why) {}
}
