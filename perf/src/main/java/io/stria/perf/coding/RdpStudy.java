package io.stria.perf.coding;

import io.stria.perf.peers.PeerMissingException;
import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

    /** Where there is more to do than to copy. */
    private static final List<Integer> CODED = List.of(2, 4, 8);

    private static final List<String> PEERS = List.of("isal", "jerasure");
    private static final int FORKS = 3;

    private final List<Stripes.Place> places;
    private int step;
    private int steps;

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
        List<String> peers = peersThatAreThere();
        steps = places.size() * (1 + 2 * SCHEMES.size() + 2 * CODED.size() * peers.size());
        for (Stripes.Place place : places) {
            double copy = copySpeed(place);
            System.out.println();
            line("== %s, GB/s of data on one core (of a copy of 4 KiB)", place);
            line("%-8s %18s %18s   %s", "scheme", "encode", "worst decode", "lost in it");
            line("%-8s %11.1f", "copy", copy);
            Map<Integer, Speed> rdp = new HashMap<>();
            for (int n : SCHEMES) {
                rdp.put(n, row(place, RdpCode.of(n), copy));
            }
            for (String peer : peers) {
                peerTable(place, peer, rdp);
            }
        }
        System.out.println();
        line(
                "medians of samples; their slowest tenth reached %.2f of that or more (1 is a quiet machine)",
                calm);
    }

    /** Tells which are left out, and why. */
    private static List<String> peersThatAreThere() {
        List<String> there = new ArrayList<>();
        for (String peer : PEERS) {
            try {
                PeerCode.of(peer, CODED.getFirst());
                there.add(peer);
            } catch (PeerMissingException e) {
                line("%s is left out: %s", peer, e.getMessage());
            }
        }
        return there;
    }

    private Speed row(Stripes.Place place, RdpCode code, double copy) throws RunnerException {
        int n = code.dataFragments();
        Patterns.warmUp();
        ErasurePattern worst = Patterns.slowest(code);
        Speed speed = new Speed(rdp("encode", place, n, worst), rdp("decode", place, n, worst));
        line(
                "%-8s %11.1f (%.2f) %11.1f (%.2f)   %s",
                n + "+2",
                speed.encode,
                speed.encode / copy,
                speed.decode,
                speed.decode / copy,
                Patterns.name(code, worst));
        return speed;
    }

    private void peerTable(Stripes.Place place, String peer, Map<Integer, Speed> rdp)
            throws RunnerException {
        line(
                "-- %s, %s: encode, decode of d%d d%d (RDP's encode and worst decode to them)",
                peer, place, PeerCode.LOST[0], PeerCode.LOST[1]);
        for (int n : CODED) {
            Speed its = new Speed(peer("encode", place, peer, n), peer("decode", place, peer, n));
            Speed ours = Objects.requireNonNull(rdp.get(n));
            line(
                    "%-8s %11.1f (%.2f) %11.1f (%.2f)",
                    n + "+2",
                    its.encode,
                    ours.encode / its.encode,
                    its.decode,
                    ours.decode / its.decode);
        }
    }

    private double copySpeed(Stripes.Place place) throws RunnerException {
        return bytesPerNano(
                "copy",
                options(RdpBenchmark.class, "copy", place).param("n", "1").param("lost", "3"));
    }

    private double rdp(String what, Stripes.Place place, int n, ErasurePattern lost)
            throws RunnerException {
        return bytesPerNano(
                what + " " + place,
                options(RdpBenchmark.class, what, place)
                        .param("n", String.valueOf(n))
                        .param("lost", String.valueOf(lost.mask())));
    }

    private double peer(String what, Stripes.Place place, String library, int n)
            throws RunnerException {
        return bytesPerNano(
                library + " " + what + " " + place,
                options(PeerBenchmark.class, what, place)
                        .param("n", String.valueOf(n))
                        .param("library", library));
    }

    private static ChainedOptionsBuilder options(
            Class<?> benchmark, String what, Stripes.Place place) {
        return new OptionsBuilder()
                .include(benchmark.getName() + "." + what + "$")
                .param("place", place.name());
    }

    private double bytesPerNano(String what, ChainedOptionsBuilder options) throws RunnerException {
        step++;
        System.err.println("run: %d of %d: %s".formatted(step, steps, what));
        options.forks(FORKS)
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

    /** GB/s of data. */
    private record Speed(double encode, double decode) {}

    private static void line(String format, Object... arguments) {
        System.out.println(format.formatted(arguments));
    }
}
