package io.stria.control.consensus;

import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Opens a voter's log anew after an error. Ratis gives a log up for good at the first error of its
 * disk, and an election at the first vote that it cannot write, though the cause may pass, as when
 * there was no room for a moment. Where all voters share it nothing would ever be decided again.
 *
 * <p>Nothing is touched before the disk takes a write again: until then a leader goes on giving
 * leases, for which it needs no log. Not after a failed fsync: what the log reads as then need not
 * be on the disk, so this voter would count entries that a loss of power takes away.
 *
 * <p>Belongs to the thread that polls; what may take long is done by another one.
 */
final class LogMender {
    private static final System.Logger LOG = System.getLogger(LogMender.class.getName());
    private static final long FIRST_NS = 1_000_000_000L;
    private static final long LONGEST_NS = 30 * FIRST_NS;

    /** Between two looks at the term; one that is not on the disk at both will not come there. */
    private static final long TERM_NS = 2 * FIRST_NS;

    private enum State {
        WELL,
        WAITING,
        TRYING,
        ENDED
    }

    private record Outcome(@Nullable RatisVoter voter, @Nullable Exception failure) {}

    private final ConsensusConfig config;
    private final MemberIdentity identity;
    private final Runnable wake;
    private final AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
    private final AtomicInteger termsLate = new AtomicInteger();
    private volatile boolean looking;
    private State state = State.WELL;
    private long delayNs;
    private long nextNs;
    private long termLookNs = Long.MIN_VALUE;
    private String toldWhyNot = "";
    private boolean wasOpened;
    private long openedNs;
    private volatile boolean closing;
    private @Nullable Thread attempt;

    LogMender(ConsensusConfig config, MemberIdentity identity, Runnable wake) {
        this.config = config.begun();
        this.identity = identity;
        this.wake = wake;
    }

    /** Whether the voter that was last opened takes part, as far as is known. */
    boolean isWell() {
        return state == State.WELL;
    }

    /** Returns the voter to go on with. */
    RatisVoter poll(RatisVoter voter, long nowNs) {
        if (closing) {
            return voter;
        }
        switch (state) {
            case WELL -> look(voter, nowNs);
            case WAITING -> {
                if (nowNs - nextNs >= 0) {
                    state = State.TRYING;
                    attempt = run(() -> outcome.set(reopen(voter)));
                }
            }
            case TRYING -> {
                Outcome done = outcome.getAndSet(null);
                if (done != null) {
                    return take(done, voter, nowNs);
                }
            }
            case ENDED -> {}
        }
        return voter;
    }

    private void look(RatisVoter voter, long nowNs) {
        Throwable failure = voter.state().logFailure();
        if (failure != null) {
            fail(voter, failure, nowNs);
        } else if (!voter.alive()) {
            fail(voter, new IOException("see the error above"), nowNs);
        } else if (termsLate.get() > 1) {
            fail(voter, new IOException("its term and vote could not be written"), nowNs);
        } else if (nowNs >= termLookNs && !looking) {
            termLookNs = nowNs + TERM_NS;
            looking = true;
            run(() -> lookAtTerm(voter));
        }
    }

    private void lookAtTerm(RatisVoter voter) {
        if (voter.termIsKept()) {
            termsLate.set(0);
        } else {
            termsLate.incrementAndGet();
        }
        looking = false;
    }

    private void fail(RatisVoter voter, Throwable failure, long nowNs) {
        if (isOfSync(failure)) {
            state = State.ENDED;
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the disk below {0} failed to keep what this voter wrote ({1}): it takes part"
                            + " in no decision any more, as if it were away; look at the disk,"
                            + " and restart this node",
                    config.directory(),
                    root(failure));
            attempt = run(() -> closeQuietly(voter));
            return;
        }
        LOG.log(
                System.Logger.Level.ERROR,
                "the log of decisions in {0} has failed ({1}): this voter keeps no decision until"
                        + " it can be written again, which is tried again and again; look whether"
                        + " there is room",
                config.directory(),
                root(failure));
        // One that fails soon again is opened less and less often.
        if (!wasOpened || nowNs - openedNs > LONGEST_NS) {
            delayNs = FIRST_NS;
        }
        await(nowNs);
    }

    private void await(long nowNs) {
        state = State.WAITING;
        nextNs = nowNs + delayNs;
        delayNs = Math.min(2 * delayNs, LONGEST_NS);
    }

    private RatisVoter take(Outcome done, RatisVoter before, long nowNs) {
        if (done.voter == null) {
            tellWhyNot(done.failure);
            await(nowNs);
            return before;
        }
        toldWhyNot = "";
        LOG.log(System.Logger.Level.INFO, "the log of decisions is open again");
        state = State.WELL;
        termsLate.set(0);
        termLookNs = nowNs + TERM_NS;
        wasOpened = true;
        openedNs = nowNs;
        return done.voter;
    }

    /** Once, as long as it is the same. */
    private void tellWhyNot(@Nullable Exception failure) {
        String why = failure == null ? "" : root(failure);
        if (!why.equals(toldWhyNot)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the log of decisions cannot be opened again yet: {0}",
                    why);
        }
        toldWhyNot = why;
    }

    private Outcome reopen(RatisVoter failed) {
        try {
            VoterFiles.tryRoom(config.directory(), config.clusterId());
            failed.close();
            if (!failed.termIsKept()) {
                failed.keepTerm();
            }
            if (closing) {
                return new Outcome(null, null);
            }
            return new Outcome(RatisVoter.open(config, identity, wake), null);
        } catch (IOException | RuntimeException e) {
            return new Outcome(null, e);
        }
    }

    private Thread run(Runnable task) {
        return Thread.ofVirtual()
                .name("stria-log")
                .start(() -> {
                    task.run();
                    wake.run();
                });
    }

    private static void closeQuietly(RatisVoter voter) {
        try {
            voter.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a failed log did not close well", e);
        }
    }

    /** The page cache calls clean what it could not write, and says so only once. */
    static boolean isOfSync(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            for (StackTraceElement frame : cause.getStackTrace()) {
                if (frame.getMethodName().equals("force")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String root(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        return cause.toString();
    }

    /**
     * Waits for an attempt under way, and closes what it opened. To be called when nobody polls any
     * more.
     */
    void close() throws IOException {
        closing = true;
        if (attempt == null) {
            return;
        }
        try {
            attempt.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Outcome done = outcome.getAndSet(null);
        if (done != null && done.voter != null) {
            done.voter.close();
        }
    }
}
