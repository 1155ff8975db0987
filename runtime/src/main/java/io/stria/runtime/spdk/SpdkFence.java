package io.stria.runtime.spdk;

import io.stria.runtime.Clock;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.spdk.SpdkController;
import io.stria.runtime.ffm.spdk.SpdkNamespace;
import io.stria.runtime.ffm.spdk.SpdkQueue;
import io.stria.runtime.ffm.spdk.SpdkQueue.Acquisition;
import io.stria.runtime.ffm.spdk.SpdkQueue.Registration;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Keeps all others from writing to a namespace, by a reservation of NVMe, and waits until their
 * writes have ended.
 *
 * <p>Each start is a host of its own to the device, since whoever preempts a registrant with his
 * own host identifier waits for nothing. It registers, preempts and aborts whoever holds the
 * reservation, then all other registrants, and finally replaces its key by one that says that this
 * is done ({@link ReservationKey}). Only hosts of the same node are preempted. Owned by the
 * device's reactor.
 */
final class SpdkFence {
    /** Of its commands; no access has it. */
    static final int TAG = -1;

    /** SPDK's target waits 10 s for what it aborts. */
    private static final long TAKE_TIMEOUT_NS = 15_000_000_000L;

    private static final long LEAVE_TIMEOUT_NS = 1_000_000_000L;
    private static final int STEPS_MAX = 64;
    private static final int WAITING = -1;

    /** What {@link #ask} has found. */
    enum Verdict {
        ASKED,
        OURS,
        LOST,
        UNKNOWN
    }

    private final SpdkAddress address;
    private final SpdkOwner owner;
    private final Clock clock;
    private final SpdkController controller;
    private final SpdkQueue queue;
    private final MemorySegment report = Memory.untilCollected(ReservationReport.BYTES);
    private long key;
    private int status;
    private Verdict verdict = Verdict.OURS;

    private SpdkFence(
            SpdkAddress address,
            SpdkOwner owner,
            Clock clock,
            SpdkController controller,
            SpdkQueue queue) {
        this.address = address;
        this.owner = owner;
        this.clock = clock;
        this.controller = controller;
        this.queue = queue;
    }

    /** Why a device cannot be kept from others; empty if it can. */
    static String refusal(SpdkAddress address, SpdkNamespace namespace) {
        return address.fence() == SpdkAddress.Fence.RESERVATION && !namespace.reserves()
                ? address
                        + ": it knows no reservations, so nothing would keep writes of a dead process"
                        + " from landing after later ones; 'fence:none' in its address takes it all"
                        + " the same"
                : "";
    }

    /**
     * Takes the reservation. Blocks until all writes of former holders have ended.
     *
     * @param random that no other start has drawn
     * @throws IOException with one sentence, if somebody else has it or writes do not end
     */
    static SpdkFence take(
            SpdkAddress address,
            SpdkOwner owner,
            Clock clock,
            SpdkController controller,
            SpdkQueue queue,
            SpdkNamespace namespace,
            long random)
            throws IOException {
        SpdkFence fence = new SpdkFence(address, owner, clock, controller, queue);
        fence.take(namespace, ReservationKey.of(owner, random));
        return fence;
    }

    private void take(SpdkNamespace namespace, long taking) throws IOException {
        long deadlineNs = clock.nowNs() + TAKE_TIMEOUT_NS;
        ReservationReport now = look(namespace, deadlineNs);
        check(now, taking);
        if (now.knows(taking)) {
            throw new IOException(address + ": another start has drawn the same key");
        }
        run(
                "it cannot register",
                queue.register(
                        namespace,
                        Registration.REGISTER,
                        0,
                        taking,
                        namespace.keepsReservations(),
                        TAG),
                deadlineNs);
        for (int step = 0; step < STEPS_MAX; step++) {
            now = look(namespace, deadlineNs);
            check(now, taking);
            if (!now.knows(taking)) {
                throw new IOException(address + ": another start has taken its reservation");
            }
            if (now.isHeldBy(taking) && now.other(taking).isEmpty()) {
                key = ReservationKey.fenced(taking);
                run(
                        "it cannot say that its reservation is taken",
                        queue.register(namespace, Registration.REPLACE, taking, key, false, TAG),
                        deadlineNs);
                return;
            }
            step(namespace, now, taking, deadlineNs);
        }
        throw new IOException(address + ": its reservation cannot be taken");
    }

    /** Nearer to holding it alone. */
    private void step(SpdkNamespace namespace, ReservationReport now, long taking, long deadlineNs)
            throws IOException {
        Optional<ReservationReport.Registrant> holder = now.holder();
        if (holder.isEmpty()) {
            run(
                    "its reservation cannot be acquired",
                    queue.acquire(namespace, Acquisition.ACQUIRE, taking, 0, TAG),
                    deadlineNs);
            return;
        }
        long preempted =
                holder.get().key() == taking
                        ? now.other(taking).map(ReservationReport.Registrant::key).orElse(taking)
                        : holder.get().key();
        run(
                "writes of an earlier start do not end",
                queue.acquire(namespace, Acquisition.PREEMPT_AND_ABORT, taking, preempted, TAG),
                deadlineNs);
    }

    private void check(ReservationReport now, long taking) throws IOException {
        for (ReservationReport.Registrant registrant : now.registrants()) {
            long other = registrant.key();
            if (!ReservationKey.isOf(owner, other)) {
                throw new IOException(
                        "%s: somebody else is registered with it (key 0x%016x); who knows that nobody writes to it clears its reservation (nvme resv-release --rrela=1)"
                                .formatted(address, other));
            }
            if (registrant.holds() && other != taking && !ReservationKey.isFenced(other)) {
                throw new IOException(
                        "%s: an earlier start has ended while it took the reservation, and earlier writes may still be under way; who knows that they are not clears it (nvme resv-release --rrela=1), and so does a restart of a target that does not keep it"
                                .formatted(address));
            }
        }
    }

    private ReservationReport look(SpdkNamespace namespace, long deadlineNs) throws IOException {
        report.fill((byte) 0);
        run(
                "its reservations cannot be read",
                queue.reportReservations(namespace, report, TAG),
                deadlineNs);
        return ReservationReport.decode(report)
                .orElseThrow(() -> new IOException(address + ": too many are registered with it"));
    }

    /** Waits for the one command under way. */
    private void run(String failure, int submitted, long deadlineNs) throws IOException {
        status = WAITING;
        if (submitted != 0) {
            throw new IOException(
                    "%s: %s: %s".formatted(address, failure, Errno.describe(-submitted)));
        }
        while (status == WAITING) {
            boolean broken = queue.poll() < 0 | controller.pollAdmin() < 0;
            queue.deliver((tag, ended) -> status = ended);
            if (status == WAITING && (broken || clock.nowNs() - deadlineNs > 0)) {
                throw new IOException(
                        "%s: %s%s"
                                .formatted(
                                        address,
                                        failure,
                                        broken ? ": its connection has broken" : " in time"));
            }
            Thread.onSpinWait();
        }
        if (status != NvmeStatus.SUCCESS) {
            throw new IOException("%s: %s: NVMe status 0x%03x".formatted(address, failure, status));
        }
    }

    /** Begins to look whether it is still held, after its connection has broken. */
    void ask(SpdkNamespace namespace) {
        assert verdict != Verdict.ASKED : "asked twice";
        report.fill((byte) 0);
        boolean begun = queue.reportReservations(namespace, report, TAG) == 0;
        verdict = begun ? Verdict.ASKED : Verdict.UNKNOWN;
    }

    /** What {@link #ask} has begun has ended. */
    void onEnd(int ended) {
        verdict =
                ended != NvmeStatus.SUCCESS
                        ? Verdict.UNKNOWN
                        : ReservationReport.decode(report)
                                        .filter(now -> now.isHeldBy(key))
                                        .isPresent()
                                ? Verdict.OURS
                                : Verdict.LOST;
    }

    Verdict verdict() {
        return verdict;
    }

    /** Lets others have it; while nothing is in the device. */
    void leave(SpdkNamespace namespace) throws IOException {
        run(
                "it cannot unregister",
                queue.register(namespace, Registration.UNREGISTER, key, 0, false, TAG),
                clock.nowNs() + LEAVE_TIMEOUT_NS);
    }
}
