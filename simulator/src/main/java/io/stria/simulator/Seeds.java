package io.stria.simulator;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Many seeds, some at a time, each on one thread, until one breaks a promise. What is printed at
 * the end says what was simulated; the hash is that of all runs together.
 */
final class Seeds {
    private static final long PROGRESS_NS = 5_000_000_000L;
    private static final long LINES_MAX = 20;

    private final long first;
    private final long count;
    private final int jobs;
    private final LongFunction<Trial> trials;
    private final PrintStream out;
    private final AtomicLong next;
    private final AtomicBoolean over = new AtomicBoolean();
    private final long startNs = System.nanoTime();
    private long progressNs = startNs;
    private long done;
    private Outcome sum = Outcome.NOTHING;
    private @Nullable String broken;

    Seeds(long first, long count, int jobs, LongFunction<Trial> trials, PrintStream out) {
        this.first = first;
        this.count = count;
        this.jobs = jobs;
        this.trials = trials;
        this.out = out;
        this.next = new AtomicLong(first);
    }

    /** Returns the exit status. */
    int run() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(jobs, count); i++) {
            threads.add(Thread.ofPlatform().name("simulation-" + i).start(this::work));
        }
        threads.forEach(Seeds::join);
        if (broken != null) {
            out.println(broken);
            return Simulate.BROKEN;
        }
        if (done < count) {
            out.println(summary() + "; the others did not end, so nothing is promised");
            return Simulate.BROKEN;
        }
        out.println(summary() + "; every promise kept");
        out.println(Pace.of(sum, System.nanoTime() - startNs));
        return Simulate.KEPT;
    }

    /** What the runs came to that have ended. */
    synchronized Outcome sum() {
        return sum;
    }

    private void work() {
        for (long seed = next.getAndIncrement();
                seed < first + count && !over.get();
                seed = next.getAndIncrement()) {
            Trial trial = trials.apply(seed);
            try {
                ended(trial, trial.run());
            } catch (Broken e) {
                broke(trial, e.brief());
            } catch (Error | RuntimeException e) {
                broke(trial, e.toString());
            }
        }
    }

    private synchronized void ended(Trial trial, Outcome outcome) {
        done++;
        sum = sum.plus(outcome);
        long nowNs = System.nanoTime();
        if (count <= LINES_MAX) {
            out.println(line(trial, outcome));
        } else if (nowNs - progressNs >= PROGRESS_NS) {
            progressNs = nowNs;
            out.println(summary());
        }
    }

    private synchronized void broke(Trial trial, String how) {
        if (broken == null) {
            broken = "%s%nbroken; again with: %s".formatted(how, trial.command());
        }
        over.set(true);
    }

    private String summary() {
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return ("%,d of %,d seeds: %s simulated in %,.0f s (%,.0f times as fast), %,d writes"
                        + " acknowledged, %,d reads, %,d faults, %,d IOs failed, hash %016x")
                .formatted(
                        done,
                        count,
                        duration(sum.simulatedMs()),
                        seconds,
                        sum.simulatedMs() / 1000.0 / seconds,
                        sum.writes(),
                        sum.reads(),
                        sum.faults(),
                        sum.failures(),
                        sum.hash());
    }

    private static String duration(long ms) {
        double minutes = ms / 60_000.0;
        return minutes < 60
                ? "%.1f minutes".formatted(minutes)
                : "%.1f hours".formatted(minutes / 60);
    }

    static String line(Trial trial, Outcome outcome) {
        return ("seed %d, %d nodes, %s: %,d ms simulated, %,d events, %,d writes, %,d reads, %d"
                        + " faults, %d IOs failed, hash %016x")
                .formatted(
                        trial.seed(),
                        trial.nodes(),
                        trial.scheme(),
                        outcome.simulatedMs(),
                        outcome.events(),
                        outcome.writes(),
                        outcome.reads(),
                        outcome.faults(),
                        outcome.failures(),
                        outcome.hash());
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
