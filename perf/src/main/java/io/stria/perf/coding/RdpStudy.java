package io.stria.perf;

import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/** The figures of {@code docs/rdp.md}, printed as they are found, by {@code ./perf/run rdp}. */
public final class RdpStudy {
    private static final List<Integer> SCHEMES = List.of(1, 2, 4, 8);
    private static final int FORKS = 3;

    private final List<Stripes.Place> places;
    private int step;

    /** What the slowest tenth of samples reached of the median, where they differ most. */
    private double calm = 1;

    private RdpStudy(List<Stripes.Place> places) {
        this.places = places;
    }

    /**
     * @param arguments places, all if there are none
     */
    public static void main(String[] arguments) throws RunnerException {
        List<Stripes.Place> places =
                Stream.of(arguments)
                        .map(name -> Stripes.Place.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList();
        new RdpStudy(places.isEmpty() ? List.of(Stripes.Place.values()) : places).print();
    }

    private void print() throws RunnerException {
        System.out.println(RdpCode.of(8));
        for (Stripes.Place place : places) {
            double copy = bytesPerNano("copy", place, 1, ErasurePattern.of(0, 1));
            System.out.println();
            line("== %s, GB/s of data on one core (of a copy of 4 KiB)", place);
            line("%-8s %18s %18s   %s", "scheme", "encode", "worst decode", "lost in it");
            line("%-8s %11.1f", "copy", copy);
            for (int n : SCHEMES) {
                row(place, RdpCode.of(n), copy);
            }
        }
        System.out.println();
        line(
                "medians of samples; their slowest tenth reached %.2f of that or more (1 is a quiet machine)",
                calm);
    }

    private void row(Stripes.Place place, RdpCode code, double copy) throws RunnerException {
        int n = code.dataFragments();
        Patterns.warmUp();
        ErasurePattern worst = Patterns.slowest(code);
        double encode = bytesPerNano("encode", place, n, worst);
        double decode = bytesPerNano("decode", place, n, worst);
        line(
                "%-8s %11.1f (%.2f) %11.1f (%.2f)   %s",
                n + "+2", encode, encode / copy, decode, decode / copy, Patterns.name(code, worst));
    }

    private double bytesPerNano(String what, Stripes.Place place, int n, ErasurePattern lost)
            throws RunnerException {
        step++;
        int steps = places.size() * (1 + 2 * SCHEMES.size());
        System.err.println("run: %d of %d: %s %s".formatted(step, steps, what, place));
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(RdpBenchmark.class.getName() + "." + what + "$")
                        .param("place", place.name())
                        .param("n", String.valueOf(n))
                        .param("lost", String.valueOf(lost.mask()))
                        .forks(FORKS)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.milliseconds(500))
                        .measurementIterations(3)
                        .measurementTime(TimeValue.milliseconds(500))
                        .verbosity(VerboseMode.SILENT);
        Collection<RunResult> results = new Runner(options.build()).run();
        Statistics nanos = results.iterator().next().getPrimaryResult().getStatistics();
        double median = nanos.getPercentile(50);
        calm = Math.min(calm, median / nanos.getPercentile(90));
        return (double) RdpBenchmark.BLOCK_BYTES * RdpBenchmark.CALLS / median;
    }

    private static void line(String format, Object... arguments) {
        System.out.println(format.formatted(arguments));
    }
}
