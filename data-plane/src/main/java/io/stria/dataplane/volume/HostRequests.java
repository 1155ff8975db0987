package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What hosts ask of a volume, from the request to its answer. No answer is given from within {@link
 * #submit}, and none that says that something was done without a lease. On the owner's thread.
 */
final class HostRequests {
    private final VolumeOwner owner;
    private final Maintenance maintenance;
    private final BooleanSupplier lease;
    private final long waitNs;
    private final ArrayDeque<HostIo> idle = new ArrayDeque<>();

    /** In no order; each knows its place, since very many may end at once. */
    private final List<HostIo> active = new ArrayList<>();

    private final ArrayDeque<Answer> answers = new ArrayDeque<>();

    /** Their requests were given up; some may have ended meanwhile, and have others. */
    private final ArrayDeque<HostIo> givenUp = new ArrayDeque<>();

    private boolean submitting;

    /** None is overdue before. */
    private long nextOverdueNs = Long.MIN_VALUE;

    /** An answer that must not be given from within submit. */
    private record Answer(IoRequest request, IoStatus status) {}

    /**
     * @param maintenance goes slower while hosts have something to do
     * @param waitNs a request fails after this long
     */
    HostRequests(VolumeOwner owner, Maintenance maintenance, BooleanSupplier lease, long waitNs) {
        this.owner = owner;
        this.maintenance = maintenance;
        this.lease = lease;
        this.waitNs = waitNs;
    }

    void submit(IoRequest request) {
        if (!owner.isServing() || !lease.getAsBoolean()) {
            answers.add(new Answer(request, IoStatus.NOT_SERVING));
        } else if (request.op() == IoOp.FLUSH) {
            answers.add(new Answer(request, IoStatus.OK)); // every acknowledged write is durable
        } else if (request.block() < 0
                || request.blocks() < 0
                || request.block() > owner.pages().sizeBlocks() - request.blocks()) {
            answers.add(new Answer(request, IoStatus.OUT_OF_RANGE));
        } else if (request.blocks() == 0) {
            answers.add(new Answer(request, IoStatus.OK));
        } else {
            HostIo io = idle.isEmpty() ? new HostIo(owner, this) : idle.removeLast();
            io.place = active.size();
            active.add(io);
            long nowNs = owner.nowNs();
            maintenance.onAsked(nowNs);
            submitting = true;
            io.begin(request, nowNs, waitNs);
            submitting = false;
        }
    }

    /** Gives the answers that wait, and ends what was given up; returns how many. */
    int giveAnswers() {
        int count = answers.size();
        for (int i = 0; i < count; i++) {
            Answer answer = answers.remove();
            answer.request().complete(answer.status());
        }
        int ends = givenUp.size();
        for (int i = 0; i < ends; i++) {
            givenUp.remove().endIfGivenUp();
        }
        return count + ends;
    }

    boolean hasAnswers() {
        return !answers.isEmpty() || !givenUp.isEmpty();
    }

    /**
     * Nobody waits for its request. It ends with the next {@link #giveAnswers}, since this call
     * comes from within the end of a queue, and need not wait for stores: a host that comes back
     * waits for that end.
     */
    void onGivenUp(HostIo io) {
        givenUp.add(io);
    }

    /** Some request is being carried out. */
    boolean isBusy() {
        return !active.isEmpty();
    }

    /** Hosts use another path; writes that were begun go on without them. */
    void sendAway() {
        while (!active.isEmpty()) {
            active.getLast().fail(IoStatus.NOT_SERVING);
        }
    }

    void failOverdue(long nowNs) {
        if (nowNs < nextOverdueNs) {
            return;
        }
        long nextNs = nowNs + waitNs;
        for (int i = active.size() - 1; i >= 0; i = Math.min(i, active.size()) - 1) {
            HostIo io = active.get(i);
            if (io.deadlineNs() <= nowNs) {
                io.fail(IoStatus.UNAVAILABLE);
            } else {
                nextNs = Math.min(nextNs, io.deadlineNs());
            }
        }
        nextOverdueNs = nextNs;
    }

    /** A request has come to its end. */
    void answered(HostIo io, IoRequest request, IoStatus status) {
        HostIo last = active.removeLast();
        if (last != io) {
            active.set(io.place, last);
            last.place = io.place;
        }
        io.leaveLine();
        if (status == IoStatus.OK) {
            maintenance.onAnswered(io);
        }
        idle.add(io);
        // Without a lease another owner may serve already: what was done here is true, but no
        // longer ours to say.
        IoStatus said =
                status == IoStatus.OK && !lease.getAsBoolean() ? IoStatus.NOT_SERVING : status;
        if (submitting) {
            answers.add(new Answer(request, said));
        } else {
            request.complete(said);
        }
    }
}
