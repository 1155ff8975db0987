package io.stria.dataplane.volume;

import io.stria.runtime.Clock;
import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time and what is due in it, under one seed. */
final class World implements Clock {
    private record Event(long timeNs, long order, Runnable action) {}

    final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) ->
                    a.timeNs != b.timeNs
                            ? Long.compare(a.timeNs, b.timeNs)
                            : Long.compare(a.order, b.order));
    private long nowNs = 1;
    private long order;

    World(long seed) {
        random = new Random(seed);
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    void after(long delayNs, Runnable action) {
        events.add(new Event(nowNs + delayNs, order++, action));
    }

    /** A delay of a few tens of microseconds, now and then of milliseconds. */
    long someDelayNs() {
        return 1_000L + random.nextInt(random.nextInt(50) == 0 ? 20_000_000 : 60_000);
    }

    void step() {
        Event event = events.remove();
        nowNs = event.timeNs;
        event.action.run();
    }
}
