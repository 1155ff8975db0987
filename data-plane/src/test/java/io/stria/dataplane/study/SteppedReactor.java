package io.stria.dataplane.study;

import io.stria.runtime.Engine;
import io.stria.runtime.FailureHandler;
import io.stria.runtime.IdleStrategy;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import java.util.function.BooleanSupplier;

/** A reactor that never sleeps, stepped by the thread that made it. */
final class SteppedReactor implements AutoCloseable {
    private final Reactor reactor;

    SteppedReactor(Engine engine) {
        reactor =
                new Reactor(
                        ReactorConfig.named("study")
                                .idling(IdleStrategy.busyPoll())
                                .failingTo(FailureHandler.rethrow()),
                        engine);
    }

    Reactor reactor() {
        return reactor;
    }

    Engine engine() {
        return reactor.engine();
    }

    void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            reactor.step();
        }
    }

    /** For this long. */
    void run(long durationNs) {
        long endNs = System.nanoTime() + durationNs;
        until(() -> System.nanoTime() >= endNs);
    }

    @Override
    public void close() {
        reactor.close();
    }
}
