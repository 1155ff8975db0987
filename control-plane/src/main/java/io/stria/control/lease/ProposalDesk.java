package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes proposals of nodes to the log, each once. What repairs the cluster goes at once. What users
 * ask for waits until the epoch before is in force, or for a bounded time: a stream of changes must
 * not keep nodes from ever having applied the newest, since then they would lose their leases.
 *
 * <p>A user's change that arrives once more, since its answer was lost or a connection held it up,
 * is answered as before and not made again: meanwhile somebody may have asked for the opposite.
 * Other decisions name the state that they are for. A new leader knows nothing of that.
 *
 * <p>Users' changes go one after the other, and none for which the map has no room.
 */
final class ProposalDesk {
    /** No message is taken that is older, see {@code MessageAuth}: its window, either way. */
    static final long ANSWERED_NS = 240_000_000_000L;

    static final int ANSWERED_MAX = 4096;

    private record Request(int from, long requestId) {}

    private record Registration(int from, long incarnation) {}

    private record Asked(Request request, Decision decision, long atNs) {}

    private record Answered(Decision decision, Result result, long atNs) {}

    private final DecisionLog log;
    private final MapGuard guard;
    private final Outbox outbox;
    private final Set<Object> underWay = new HashSet<>();
    private final Deque<Asked> queue = new ArrayDeque<>();

    /** Users' changes, the oldest first. */
    private final Map<Request, Answered> answered = new LinkedHashMap<>();

    private long nowNs;

    ProposalDesk(DecisionLog log, MapGuard guard, Outbox outbox) {
        this.log = log;
        this.guard = guard;
        this.outbox = outbox;
    }

    void clear() {
        underWay.clear();
        queue.clear();
        answered.clear();
    }

    void take(int from, long requestId, Decision decision, long atNs) {
        nowNs = atNs;
        Request request = new Request(from, requestId);
        Answered before = answered.get(request);
        if (before != null && before.decision.equals(decision)) {
            answer(request, before.result);
            return;
        }
        if (!underWay.add(request)) {
            return;
        }
        if (canWait(decision)) {
            queue.add(new Asked(request, decision, atNs));
        } else {
            log.propose(decision, new Answer(request, result -> answer(request, result)));
        }
    }

    void register(int from, Decision.RegisterNode registration, Runnable answer) {
        Registration key = new Registration(from, registration.incarnation());
        if (underWay.add(key)) {
            log.propose(registration, new Answer(key, result -> answer.run()));
        }
    }

    int poll(long atNs, boolean settled, long patienceNs) {
        nowNs = atNs;
        forget(answer -> atNs - answer.atNs > ANSWERED_NS);
        Asked next = queue.peek();
        boolean waits = guard.isBusy() || !settled && nextNs(next, patienceNs) > atNs;
        if (next == null || waits) {
            return 0;
        }
        queue.remove();
        change(next.request, next.decision);
        return 1;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs(long patienceNs) {
        return guard.isBusy() ? Long.MAX_VALUE : nextNs(queue.peek(), patienceNs);
    }

    private static long nextNs(@Nullable Asked next, long patienceNs) {
        return next == null ? Long.MAX_VALUE : next.atNs + patienceNs;
    }

    private void change(Request request, Decision decision) {
        Answer answer =
                new Answer(
                        request,
                        result -> {
                            remember(request, new Answered(decision, result, nowNs));
                            answer(request, result);
                        });
        String refusal = guard.refusal(decision);
        if (refusal == null) {
            guard.propose(decision, answer);
        } else {
            long epoch = log.state().map().epoch();
            answer.decided(new Result(Result.Outcome.INFEASIBLE, epoch, refusal));
        }
    }

    private void answer(Request request, Result result) {
        outbox.send(request.from, new Message.Proposed(request.requestId, result));
    }

    private void remember(Request request, Answered answer) {
        forget(oldest -> answered.size() >= ANSWERED_MAX);
        answered.remove(request);
        answered.put(request, answer);
    }

    /** The oldest ones, as long as it is so. */
    private void forget(Predicate<Answered> isOver) {
        Iterator<Answered> oldest = answered.values().iterator();
        while (oldest.hasNext() && isOver.test(oldest.next())) {
            oldest.remove();
        }
    }

    int remembered() {
        return answered.size();
    }

    private static boolean canWait(Decision decision) {
        return switch (decision) {
            case Decision.CreateVolume create -> true;
            case Decision.DeleteVolume delete -> true;
            case Decision.RemoveNode remove -> true;
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
