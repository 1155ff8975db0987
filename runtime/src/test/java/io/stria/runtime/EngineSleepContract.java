package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine promises about time, sleep and being woken on the reactor's own thread. */
public abstract class EngineSleepContract {
    private static final long SECOND_NS = 1_000_000_000L;

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private EngineWorld world;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    protected abstract EngineWorld newWorld() throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = newWorld();
        engine = world.newEngine();
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @Test
    protected void sleepsAboutAsLongAsAskedWhenNothingHappens() {
        long startNs = engine.clock().nowNs();
        long sleptNs = 0;
        while (sleptNs < 20_000_000) {
            engine.await(20_000_000 - sleptNs);
            engine.poll();
            sleptNs = engine.clock().nowNs() - startNs;
        }
        assertTrue(sleptNs < 10 * SECOND_NS, "slept " + sleptNs + " ns");
    }

    @Test
    protected void returnsAtOnceFromTheAwaitAfterAWake() {
        engine.poll();
        engine.wake();
        engine.wake();
        long startNs = engine.clock().nowNs();
        engine.await(60 * SECOND_NS);
        assertTrue(engine.clock().nowNs() - startNs < 30 * SECOND_NS);
    }

    @Test
    protected void oneWakeEndsOneAwait() {
        engine.wake();
        engine.await(SECOND_NS);
        engine.poll();
        long startNs = engine.clock().nowNs();
        for (int i = 0; i < 20; i++) {
            engine.await(1_000_000);
            engine.poll();
        }
        long sleptNs = engine.clock().nowNs() - startNs;
        assertTrue(sleptNs >= 10_000_000, "slept " + sleptNs + " ns in all");
    }
}
