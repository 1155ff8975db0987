package io.stria.control.lease;

import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Requests for scrubs on their way to the nodes that own the volumes: sent again until such a node
 * answers or nobody waits any more. On the control thread.
 */
final class ScrubRequests {
    private static final class Request {
        final int owner;
        final Message.Scrub message;
        final long deadlineNs;
        final Consumer<Result> answer;
        long nextNs = Long.MIN_VALUE;

        Request(int owner, Message.Scrub message, long deadlineNs, Consumer<Result> answer) {
            this.owner = owner;
            this.message = message;
            this.deadlineNs = deadlineNs;
            this.answer = answer;
        }
    }

    private final Outbox outbox;
    private final long retryNs;
    private final List<Request> open = new ArrayList<>();

    ScrubRequests(Outbox outbox, long retryNs) {
        this.outbox = outbox;
        this.retryNs = retryNs;
    }

    /**
     * @param owner node that owns the volume at that epoch of it
     * @param deadlineNs when to give up with {@link Result.Outcome#NOT_READY}
     */
    void ask(int owner, Message.Scrub message, long deadlineNs, Consumer<Result> answer) {
        open.add(new Request(owner, message, deadlineNs, answer));
    }

    void onAnswer(Message.ScrubAnswer said) {
        Message.Scrub asked = new Message.Scrub(said.vuid(), said.volumeEpoch());
        List<Request> answered =
                open.stream().filter(request -> request.message.equals(asked)).toList();
        open.removeAll(answered);
        for (Request request : answered) {
            request.answer.accept(
                    said.taken()
                            ? new Result(Result.Outcome.DONE, 0, "")
                            : notReady(request, "does not serve it now"));
        }
    }

    int poll(long nowNs) {
        if (open.isEmpty()) {
            return 0;
        }
        List<Request> late = open.stream().filter(request -> nowNs >= request.deadlineNs).toList();
        open.removeAll(late);
        late.forEach(request -> request.answer.accept(notReady(request, "does not answer")));
        int work = late.size();
        for (Request request : open) {
            if (nowNs >= request.nextNs) {
                outbox.send(request.owner, request.message);
                request.nextNs = nowNs + retryNs;
                work++;
            }
        }
        return work;
    }

    private static Result notReady(Request request, String why) {
        return new Result(
                Result.Outcome.NOT_READY,
                0,
                "node %d owns the volume and %s".formatted(request.owner, why));
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs() {
        long nextNs = Long.MAX_VALUE;
        for (Request request : open) {
            nextNs = Math.min(nextNs, Math.min(request.nextNs, request.deadlineNs));
        }
        return nextNs;
    }
}
