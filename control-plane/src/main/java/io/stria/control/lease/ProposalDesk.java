package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Takes proposals of nodes to the log, each once. What repairs the cluster goes at once. What users
 * ask for waits until the epoch before is in force, or for a bounded time: a stream of changes must
 * not keep nodes from ever having applied the newest, since then they would lose their leases.
 */
final class ProposalDesk {
    private record Request(int from, long requestId) {}

    private record Registration(int from, long incarnation) {}

    private record Asked(Request request, Decision decision, long atNs) {}

    private final DecisionLog log;
    private final Outbox outbox;
    private final Set<Object> underWay = new HashSet<>();
    private final Deque<Asked> queue = new ArrayDeque<>();

    ProposalDesk(DecisionLog log, Outbox outbox) {
        this.log = log;
        this.outbox = outbox;
    }

    void clear() {
        underWay.clear();
        queue.clear();
    }

    void take(int from, long requestId, Decision decision, long nowNs) {
        Request request = new Request(from, requestId);
        if (!underWay.add(request)) {
            return;
        }
        if (canWait(decision)) {
            queue.add(new Asked(request, decision, nowNs));
        } else {
            propose(request, decision);
        }
    }

    void register(int from, Decision.RegisterNode registration, Runnable answer) {
        Registration key = new Registration(from, registration.incarnation());
        if (underWay.add(key)) {
            log.propose(registration, new Answer(key, result -> answer.run()));
        }
    }

    int poll(long nowNs, boolean settled, long patienceNs) {
        Asked next = queue.peek();
        if (next == null || !settled && nowNs - next.atNs < patienceNs) {
            return 0;
        }
        queue.remove();
        propose(next.request, next.decision);
        return 1;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs(long patienceNs) {
        Asked next = queue.peek();
        return next == null ? Long.MAX_VALUE : next.atNs + patienceNs;
    }

    private void propose(Request request, Decision decision) {
        log.propose(
                decision,
                new Answer(
                        request,
                        result ->
                                outbox.send(
                                        request.from,
                                        new Message.Proposed(request.requestId, result))));
    }

    private static boolean canWait(Decision decision) {
        return switch (decision) {
            case Decision.CreateVolume create -> true;
            case Decision.DeleteVolume delete -> true;
            case Decision.AddDevice add -> true;
            case Decision.DrainDevices drain -> true;
            case Decision.KeepDevices keep -> true;
            case Decision.FailDevices fail -> true;
            case Decision.ReplaceDevice replace -> true;
            case Decision.SetRebuildAfter set -> true;
            default -> false;
        };
    }

    private final class Answer implements DecisionLog.Callback {
        private final Object key;
        private final Consumer<Result> answer;

        Answer(Object key, Consumer<Result> answer) {
            this.key = key;
            this.answer = answer;
        }

        @Override
        public void decided(Result result) {
            underWay.remove(key);
            answer.accept(result);
        }

        @Override
        public void unknown(String why) {
            // Silence: its proposer asks again, whoever leads then.
            underWay.remove(key);
        }
    }
}
