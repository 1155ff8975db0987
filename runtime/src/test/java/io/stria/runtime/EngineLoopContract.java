package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a reactor's timers and mailbox are on every engine. The reactor is stepped by hand. */
public abstract class EngineLoopContract {
    private static final long MS = 1_000_000;
    private static final long SLEEP_NS_MAX = 50 * MS;

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private EngineWorld world;

    @SuppressWarnings("NullAway.Init")
    private Reactor reactor;

    protected abstract EngineWorld newWorld() throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = newWorld();
        ReactorConfig config = ReactorConfig.named("test").failingTo(FailureHandler.rethrow());
        reactor = new Reactor(config, world.newEngine());
    }

    @AfterEach
    void closeWorld() {
        reactor.close();
        world.close();
    }

    @Test
    protected void firesTimersInTheirOrderAndNeverEarly() {
        long seed = Long.getLong("stria.seed", System.nanoTime());
        String repeat = "repeat with -Dstria.seed=" + seed;
        Random random = new Random(seed);
        Timers timers = reactor.timers();
        List<Long> fired = new ArrayList<>();
        int count = 50;
        // In one loop, where everybody sees one time.
        reactor.execute(() -> {
            for (int i = 0; i < count; i++) {
                long delayNs = random.nextLong(20 * MS);
                long dueNs = timers.nowNs() + delayNs;
                timers.schedule(
                        delayNs,
                        () -> {
                            assertTrue(timers.nowNs() >= dueNs, "early; " + repeat);
                            fired.add(dueNs);
                        });
            }
        });
        run("timers fire", () -> fired.size() == count);
        assertEquals(fired.stream().sorted().toList(), fired, repeat);
    }

    @Test
    protected void neverFiresATimerThatWasCancelled() {
        List<String> fired = new ArrayList<>();
        Timers timers = reactor.timers();
        Timers.Timer[] cancelled = new Timers.Timer[1];
        // First, so that it is due first even if this thread stands still between the two.
        timers.schedule(MS, () -> cancelled[0].cancel());
        cancelled[0] = timers.schedule(2 * MS, () -> fired.add("cancelled"));
        timers.schedule(4 * MS, () -> fired.add("kept"));
        run("the last timer fires", () -> fired.contains("kept"));
        assertEquals(List.of("kept"), fired);
    }

    @Test
    protected void runsCommandsInTheirOrderButNotFromWithinTheCall() {
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            reactor.execute(() -> ran.add(number));
        }
        assertEquals(List.of(), ran);
        run("all commands ran", () -> ran.size() == 1000);
        assertEquals(ran.stream().sorted().toList(), ran);
    }

    @Test
    protected void runsACommandThatACommandSentWithoutASleepBetween() {
        long[] ranNs = new long[2];
        reactor.execute(() -> {
            ranNs[0] = reactor.engine().clock().nowNs();
            reactor.execute(() -> ranNs[1] = reactor.engine().clock().nowNs());
        });
        reactor.step();
        reactor.engine().await(60_000 * MS);
        reactor.step();
        assertTrue(ranNs[1] > 0, "the second command ran");
        assertTrue(ranNs[1] - ranNs[0] < 30_000 * MS, "slept over a command");
    }

    @Test
    protected void firesTimersOfAReactorWhoseStreamsKeepItBusy() throws IOException {
        boolean[] fired = {false};
        Engine engine = reactor.engine();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ball = arena.allocate(100);
            StreamListener listener =
                    engine.listen(world.anyAddress(), stream -> new Returning(ball));
            Returning client = new Returning(ball);
            engine.connect(listener.localAddress(), client);
            reactor.timers().schedule(5 * MS, () -> fired[0] = true);
            run("the timer fires", () -> fired[0]);
            run("the ball was returned", () -> client.receivedBytes() > 0);
        }
    }

    /** As a reactor's own thread does, until the condition holds. */
    private void run(String what, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertTrue(!world.isOverdue(), "did not come about: " + what);
            if (reactor.step() == 0) {
                long untilNs = reactor.nextDeadlineNs() - reactor.timers().nowNs();
                reactor.engine().await(Math.min(untilNs, SLEEP_NS_MAX));
            }
        }
    }

    /** Sends something when it is connected, and again whenever something has come. */
    private static final class Returning extends RecordingHandler {
        private final MemorySegment ball;

        Returning(MemorySegment ball) {
            this.ball = ball;
        }

        @Override
        public void onConnected(TcpStream from) {
            super.onConnected(from);
            from.send(ball, 0, (int) ball.byteSize());
        }

        @Override
        protected int consume(TcpStream from, MemorySegment buffer, long offset, int length) {
            if (from.sendSpace() >= length) {
                from.send(buffer, offset, length);
            }
            return length;
        }
    }
}
