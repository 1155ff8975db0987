package io.stria.simulator;

import io.stria.clustermap.Scheme;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Command line: whole clusters under one seed after another, until one breaks a promise. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Runs whole clusters in one thread, with power cuts, pauses, cuts of the network and"
                    + " ends of processes drawn from a seed, and checks that nothing acknowledged"
                    + " is lost.",
            "The same seed is the same run, always."
        })
public final class Simulate implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Option(names = "--seed", description = "the first seed (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--seeds",
            description = "how many seeds from there (default: 1, with its story)")
    private long seeds = 1;

    @Option(names = "--nodes", description = "nodes of the cluster (default: the seed's choice)")
    private @Nullable Integer nodes;

    @Option(names = "--scheme", description = "1+2, 2+2, 4+2 or 8+2 (default: the seed's choice)")
    private @Nullable String scheme;

    private final PrintStream out;

    public Simulate() {
        this(System.out);
    }

    Simulate(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Simulate()).execute(args));
    }

    @Override
    public Integer call() {
        Trial.Outcome sum = new Trial.Outcome(0, 0, 0, 0, 0, 0);
        for (long i = 0; i < seeds; i++) {
            Trial trial = trial(seed + i);
            try {
                Trial.Outcome outcome = trial.run(ChunkStores.small(), Seams.NONE, seeds == 1);
                sum = sum.plus(outcome);
                out.println(line(trial, outcome));
            } catch (AssertionError broken) {
                if (seeds > 1) {
                    out.println(broken.getMessage());
                } else {
                    broken.printStackTrace(out);
                }
                out.printf("broken: %s%n", trial.command());
                return BROKEN;
            }
        }
        out.printf(
                "%d seeds: %d s simulated, %d writes and %d reads answered, %d failed;"
                        + " every promise kept%n",
                seeds, sum.simulatedMs() / 1000, sum.writes(), sum.reads(), sum.failures());
        return 0;
    }

    private Trial trial(long of) {
        Trial drawn = Trial.of(of);
        return new Trial(
                of,
                nodes == null ? drawn.nodes() : nodes,
                scheme == null ? drawn.scheme() : Scheme.parse(scheme));
    }

    private static String line(Trial trial, Trial.Outcome outcome) {
        return "seed %d, %d nodes, %s: %d events in %d ms simulated, %d writes, %d reads, %d failed, hash %016x"
                .formatted(
                        trial.seed(),
                        trial.nodes(),
                        trial.scheme(),
                        outcome.events(),
                        outcome.simulatedMs(),
                        outcome.writes(),
                        outcome.reads(),
                        outcome.failures(),
                        outcome.hash());
    }
}
