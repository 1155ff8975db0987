package io.stria.perf.micro;

import io.stria.runtime.FailureHandler;
import io.stria.runtime.IdleStrategy;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A command into a reactor's mailbox, until it has run there: one hop and the look that sees it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MailboxBenchmark {
    @Param({"poll", "sleep"})
    public String waiting = "poll";

    private Reactor reactor;
    private volatile long ran;
    private long asked;

    @Setup
    public void start() throws IOException {
        IdleStrategy idle = waiting.equals("poll") ? IdleStrategy.busyPoll() : IdleStrategy.sleep();
        reactor =
                new Reactor(
                        ReactorConfig.named("bench")
                                .idling(idle)
                                .failingTo(FailureHandler.rethrow()),
                        new IoUringEngine(UringConfig.DEFAULT, new Memory()));
        reactor.start();
    }

    @TearDown
    public void stop() {
        reactor.close();
    }

    @Benchmark
    public long hop() {
        long wanted = ++asked;
        reactor.execute(() -> ran = wanted);
        while (ran != wanted) {
            Thread.onSpinWait();
        }
        return wanted;
    }
}
