package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
    private static final long SEED = Long.getLong("stria.seed", 1);

    private static final class Somebody extends WaitingLine.Waiter {}

    /** Beside a list that does the same slowly. */
    @Test
    void servesThoseWhoHaveNotLeftInTheirOrder() {
        Random random = new Random(SEED);
        WaitingLine<Somebody> line = new WaitingLine<>();
        List<Somebody> expected = new ArrayList<>();
        List<Somebody> outside = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            outside.add(new Somebody());
        }
        for (int step = 0; step < 10_000; step++) {
            boolean joins = !outside.isEmpty() && random.nextBoolean();
            if (joins) {
                Somebody waiter = outside.remove(random.nextInt(outside.size()));
                line.add(waiter);
                expected.add(waiter);
                assertTrue(waiter.isInLine());
            } else if (!expected.isEmpty() && random.nextBoolean()) {
                Somebody waiter = line.remove();
                assertEquals(expected.removeFirst(), waiter, "repeat with -Dstria.seed=" + SEED);
                outside.add(waiter);
            } else if (!expected.isEmpty()) {
                Somebody waiter = expected.remove(random.nextInt(expected.size()));
                waiter.leaveLine();
                waiter.leaveLine();
                outside.add(waiter);
            }
            outside.forEach(waiter -> assertTrue(!waiter.isInLine()));
            assertEquals(expected.size(), line.size());
            assertEquals(expected.isEmpty(), line.isEmpty());
        }
    }
}
