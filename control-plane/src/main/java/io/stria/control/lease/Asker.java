package io.stria.control.lease;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this node wants from the leader, whoever that is: asked again until it is answered or nobody
 * waits for it any more. Equal proposals that are under way at once are asked once.
 */
final class Asker {
    private record Waiting(Consumer<Result> answer, long deadlineNs) {}

    private static final class Question {
        final long id;
        final Message message;
        final List<Waiting> waiting = new ArrayList<>();
        long nextNs = Long.MIN_VALUE;

        Question(long id, Message message) {
            this.id = id;
            this.message = message;
        }
    }

    private final LeaderFinder finder;
    private final long retryNs;
    private final Map<Long, Question> open = new LinkedHashMap<>();
    private final Map<Object, Long> byContent = new HashMap<>();
    private final Map<Long, Consumer<LeaderView>> viewers = new HashMap<>();
    private long nextId;

    Asker(LeaderFinder finder, long retryNs, long firstId) {
        this.finder = finder;
        this.retryNs = retryNs;
        nextId = firstId;
    }

    void propose(Decision decision, long deadlineNs, Consumer<Result> answer) {
        Long known = byContent.get(decision);
        Question question = known == null ? null : open.get(known);
        if (question == null) {
            long id = nextId++;
            question = new Question(id, new Message.Propose(id, decision));
            open.put(id, question);
            byContent.put(decision, id);
        }
        question.waiting.add(new Waiting(answer, deadlineNs));
    }

    void onProposed(Message.Proposed proposed) {
        close(proposed.requestId(), proposed.result());
    }

    void attestEnded(Message.Ended ended, long deadlineNs, Consumer<Result> answer) {
        Long known = byContent.get(ended);
        Question question = known == null ? null : open.get(known);
        if (question == null) {
            question = new Question(nextId++, ended);
            open.put(question.id, question);
            byContent.put(ended, question.id);
        }
        question.waiting.add(new Waiting(answer, deadlineNs));
    }

    void onEndedHeard(Message.EndedHeard heard) {
        Long id = byContent.get(new Message.Ended(heard.nodeId(), heard.incarnation()));
        if (id != null) {
            close(id, new Result(Result.Outcome.DONE, 0, ""));
        }
    }

    void askView(long deadlineNs, Consumer<LeaderView> viewer, Consumer<Result> failed) {
        long id = nextId++;
        Question question = new Question(id, new Message.AskView(id));
        question.waiting.add(new Waiting(failed, deadlineNs));
        open.put(id, question);
        viewers.put(id, viewer);
    }

    void onView(Message.View view) {
        Consumer<LeaderView> viewer = viewers.remove(view.requestId());
        open.remove(view.requestId());
        if (viewer != null) {
            viewer.accept(view.view());
        }
    }

    /** A new leader is asked at once. */
    void leaderChanged() {
        open.values().forEach(question -> question.nextNs = Long.MIN_VALUE);
    }

    int poll(long nowNs, long knownEpoch) {
        if (open.isEmpty()) {
            return 0;
        }
        int work = 0;
        for (Question question : List.copyOf(open.values())) {
            work += giveUp(question, nowNs, noLeader(knownEpoch));
            if (question.waiting.isEmpty()) {
                forget(question.id);
            } else if (nowNs >= question.nextNs && finder.send(question.message, nowNs)) {
                question.nextNs = nowNs + retryNs;
                work++;
            }
        }
        return work;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs() {
        boolean canAsk = finder.leader().nodeId() != 0;
        long nextNs = Long.MAX_VALUE;
        for (Question question : open.values()) {
            nextNs = canAsk ? Math.min(nextNs, question.nextNs) : nextNs;
            for (Waiting waiting : question.waiting) {
                nextNs = Math.min(nextNs, waiting.deadlineNs);
            }
        }
        return nextNs;
    }

    /** Tells those whose time is over; returns how many. */
    private static int giveUp(Question question, long nowNs, Result result) {
        List<Waiting> late =
                question.waiting.stream().filter(wait -> nowNs >= wait.deadlineNs).toList();
        question.waiting.removeAll(late);
        late.forEach(wait -> wait.answer.accept(result));
        return late.size();
    }

    private static Result noLeader(long epoch) {
        return new Result(
                Result.Outcome.NOT_READY,
                epoch,
                "no leader has answered; the change may still be made");
    }

    private void close(long id, Result result) {
        Question question = forget(id);
        if (question != null) {
            question.waiting.forEach(wait -> wait.answer.accept(result));
        }
    }

    private @Nullable Question forget(long id) {
        Question question = open.remove(id);
        viewers.remove(id);
        if (question == null) {
            return null;
        }
        Object content =
                question.message instanceof Message.Propose propose
                        ? propose.decision()
                        : question.message;
        byContent.remove(content, id);
        return question;
    }
}
