package io.stria.perf.micro;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks of this package, all or those whose name holds one of the arguments. */
public final class MicroStudy {
    private static final int ITERATIONS = 5;
    private static final int FORKS = 2;

    private MicroStudy() {}

    public static void main(String[] arguments) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        String here = "io\\.stria\\.(perf\\.micro|dataplane\\.store)\\..*";
        if (arguments.length == 0) {
            options.include(here + "Benchmark.*");
        }
        for (String name : arguments) {
            options.include(here + name);
        }
        new Runner(
                        options.forks(FORKS)
                                .warmupIterations(ITERATIONS)
                                .warmupTime(TimeValue.milliseconds(300))
                                .measurementIterations(ITERATIONS)
                                .measurementTime(TimeValue.milliseconds(300))
                                .addProfiler("gc")
                                .build())
                .run();
    }
}
