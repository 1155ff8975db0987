package io.stria.simulator;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.simulator.planted.PlantedRun;
import io.stria.simulator.powercut.PowerCuts;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command line: whole clusters under one seed after another, until one breaks a promise. */
@Command(
        name = "stria simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Runs whole clusters, each in one thread under one seed: the stores, owners, leases and"
                    + " decisions of a real one, on simulated disks, networks and clocks. Power"
                    + " cuts, pauses, cuts of the network, ends of processes, wrong clocks and"
                    + " faults of devices are drawn from the seed; hosts that know every write they were told is safe check that nothing"
                    + " is lost.",
            "The same seed is the same run, on every machine."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every promise was kept",
            "1:one was broken; the last line printed repeats it",
            "2:the command line is wrong"
        })
public final class Simulate implements Callable<Integer> {
    static final int KEPT = 0;
    static final int BROKEN = 1;
    private static final int PAIR_NODES = 10;
    private static final int NODES_MAX = 100;
    private static final long PLANTED_SEEDS = 500;

    @Option(names = "--seed", description = "the first seed (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(
            names = "--seeds",
            description = "how many seeds from there (default: 1, with its story)")
    private long seeds = 1;

    @Option(names = "--nodes", description = "nodes of the cluster (default: the seed's choice)")
    private @Nullable Integer nodes;

    @Option(
            names = "--scheme",
            converter = SchemeConverter.class,
            description = "1+2, 2+2, 4+2 or 8+2 (default: the seed's choice)")
    private @Nullable Scheme scheme;

    @Option(
            names = "--lba-size",
            description = "logical blocks of the volume, 4096 or 512 bytes (default: 4096)")
    private int lbaBytes = VolumeEntry.LBA_BYTES_DEFAULT;

    @Option(
            names = "--no-lulls",
            description =
                    "hosts are always at work; otherwise they have hardly anything to do for"
                            + " minutes, now and then, and most of what is simulated is that")
    private boolean noLulls;

    @Option(
            names = "--jobs",
            description = "clusters at a time (default: one for each CPU, here ${DEFAULT-VALUE})")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--pairs",
            description =
                    "instead: every pair of nodes, then every pair of devices is lost once, before,"
                            + " during and after writes, with 1+2, 2+2, 4+2 and 8+2 on ten nodes,"
                            + " or as --scheme and --nodes say")
    private boolean pairs;

    @Option(
            names = "--planted",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TEXT",
            description =
                    "instead: bugs are planted into the product, one at a time, and for each it is"
                            + " told after how many seeds it is caught, of at most --seeds, or of"
                            + " 500; with a text, only those of that rule, or whose name holds it")
    private @Nullable String planted;

    @Option(
            names = "--keep",
            paramLabel = "FILE",
            description =
                    "rows of --planted are added to this file as soon as they are known, and what"
                            + " has a row there is not planted again")
    private @Nullable Path kept;

    @Option(
            names = "--power-cuts",
            paramLabel = "STATES",
            description =
                    "instead: so many states that a power cut can leave the devices in, at every"
                            + " boundary of device writes, are recovered from and checked")
    private @Nullable Long powerCuts;

    @Option(
            names = "--per-boundary",
            paramLabel = "STATES",
            description = "of these at most so many at one boundary (default: ${DEFAULT-VALUE})")
    private int perBoundary = 12;

    @Option(
            names = "--merge-percent",
            paramLabel = "PERCENT",
            description =
                    "and stores merge when so much of their rings is used (default:"
                            + " ${DEFAULT-VALUE})")
    private int mergePercent = PowerCuts.MERGE_PERCENT;

    @Spec private CommandSpec command = CommandSpec.create();

    private final PrintStream out;

    public Simulate() {
        this(System.out);
    }

    Simulate(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) {
        System.exit(commandLine(new Simulate()).execute(args));
    }

    static CommandLine commandLine(Simulate simulate) {
        return new CommandLine(simulate)
                .setParameterExceptionHandler((failure, _) -> {
                    PrintWriter err = failure.getCommandLine().getErr();
                    err.println("stria: " + failure.getMessage());
                    err.println("       `./stria simulate --help` says more");
                    err.flush();
                    return CommandLine.ExitCode.USAGE;
                });
    }

    @Override
    public Integer call() {
        check();
        if (pairs) {
            return losePairs();
        }
        if (powerCuts != null) {
            return new PowerCuts(seed, powerCuts, perBoundary, mergePercent, jobs, out).run()
                    ? KEPT
                    : BROKEN;
        }
        if (planted != null) {
            long most = seeds == 1 ? PLANTED_SEEDS : seeds;
            return new PlantedRun(most, jobs, kept, out, System.err).run(planted) ? KEPT : BROKEN;
        }
        return seeds == 1
                ? tell(trial(seed))
                : new Seeds(seed, seeds, jobs, this::trial, out).run();
    }

    private void check() {
        if (seeds < 1 || jobs < 1) {
            throw new ParameterException(command.commandLine(), "--seeds and --jobs begin at 1.");
        }
        if (nodes != null && (nodes < 1 || nodes > NODES_MAX)) {
            throw new ParameterException(
                    command.commandLine(), "--nodes is from 1 to %d.".formatted(NODES_MAX));
        }
        if (mergePercent < 1 || mergePercent > 90) {
            throw new ParameterException(command.commandLine(), "--merge-percent is from 1 to 90.");
        }
        if (!VolumeEntry.isLbaSize(lbaBytes)) {
            throw new ParameterException(command.commandLine(), "--lba-size is 4096 or 512.");
        }
        int disks = ClusterConfig.DISKS_PER_NODE * (nodes == null ? PAIR_NODES : nodes);
        if (scheme != null && scheme.fragments() > disks) {
            throw new ParameterException(
                    command.commandLine(),
                    "%s takes %d devices; so many nodes have %d."
                            .formatted(scheme, scheme.fragments(), disks));
        }
    }

    private Trial trial(long of) {
        Trial drawn = Trial.of(of);
        return new Trial(
                of,
                nodes == null ? drawn.nodes() : nodes,
                scheme == null ? drawn.scheme() : scheme,
                lbaBytes,
                !noLulls);
    }

    /** One run with all of its story. */
    private int tell(Trial trial) {
        long startNs = System.nanoTime();
        try {
            Outcome outcome = trial.run(ChunkStores.small(), Seams.NONE, true);
            out.println(Seeds.line(trial, outcome) + "; every promise kept");
            out.println(Pace.of(outcome, System.nanoTime() - startNs));
            return KEPT;
        } catch (Broken broken) {
            if (broken.getCause() != null) {
                broken.getCause().printStackTrace(out);
            }
            out.println(broken.state());
            out.printf("broken; again with: %s%n", trial.command());
            return BROKEN;
        }
    }

    private int losePairs() {
        List<Scheme> schemes =
                scheme == null
                        ? IntStream.of(1, 2, 4, 8).mapToObj(Scheme::new).toList()
                        : List.of(scheme);
        int on = nodes == null ? PAIR_NODES : nodes;
        for (Scheme each : schemes) {
            for (Part.Kind kind : Part.Kind.values()) {
                try {
                    out.println(Pairs.lose(seed, on, each, kind));
                } catch (Broken broken) {
                    out.println(broken.brief());
                    out.printf(
                            "broken; again with: ./stria simulate --pairs --seed %d --nodes %d --scheme %s%n",
                            seed, on, each);
                    return BROKEN;
                }
            }
        }
        return KEPT;
    }

    /** Reads a scheme as people write it. */
    private static final class SchemeConverter implements CommandLine.ITypeConverter<Scheme> {
        @Override
        public Scheme convert(String text) {
            try {
                return Scheme.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        }
    }
}
