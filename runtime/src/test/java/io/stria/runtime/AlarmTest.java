package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlarmTest {
    private record Pending(long atNs, Runnable callback) {}

    private final List<Pending> pending = new ArrayList<>();
    private long nowNs = 5_000;
    private long deadlineNs = Long.MAX_VALUE;

    private final Alarm alarm =
            new Alarm(
                    new Timers() {
                        @Override
                        public Timer schedule(long delayNs, Runnable callback) {
                            Pending timer = new Pending(nowNs + delayNs, callback);
                            pending.add(timer);
                            return () -> pending.remove(timer);
                        }

                        @Override
                        public long nowNs() {
                            return nowNs;
                        }
                    },
                    () -> deadlineNs);

    private List<Long> armed() {
        alarm.poll(nowNs);
        return pending.stream().map(Pending::atNs).toList();
    }

    private void ring() {
        Pending next = pending.removeFirst();
        nowNs = next.atNs;
        next.callback.run();
    }

    @Test
    void nobodyIsWokenWhenNothingIsDue() {
        assertEquals(List.of(), armed());
    }

    @Test
    void itRingsAtTheEarliestTimeThatWasNamed() {
        deadlineNs = 9_000;
        assertEquals(List.of(9_000L), armed());
        deadlineNs = 7_000;
        assertEquals(List.of(7_000L), armed());
        deadlineNs = 8_000;
        assertEquals(List.of(7_000L), armed());
        ring();
        assertEquals(List.of(8_000L), armed());
    }

    @Test
    void whatWasDueBeforeRingsAtOnce() {
        deadlineNs = 4_000;
        assertEquals(List.of(5_000L), armed());
        ring();
        deadlineNs = Long.MAX_VALUE;
        assertEquals(List.of(), armed());
    }
}
