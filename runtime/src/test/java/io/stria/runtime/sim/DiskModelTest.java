package io.stria.runtime.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of a small disk against a model that keeps, for each block, all it may be. */
class DiskModelTest {
    private static final int BLOCKS = 24;
    private static final int SEEDS = 100;
    private static final int STEPS = 60;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void noBlockIsEverAnythingThatTheModelForbids(int blockBytes) {
        for (int seed = 0; seed < SEEDS; seed++) {
            new History(seed, blockBytes).run();
        }
    }

    private static final class History {
        private final Random random;
        private final int seed;
        private final int blockBytes;
        private final DiskBench bench;

        /** The safe value of each block, and every later one; the last is what reads see. */
        private final List<List<Integer>> states = new ArrayList<>();

        private int nextValue = 1;

        History(int seed, int blockBytes) {
            this.seed = seed;
            this.random = new Random(seed);
            this.blockBytes = blockBytes;
            this.bench = new DiskBench(seed, DiskConfig.flash(DiskBench.SIZE, blockBytes));
            for (int block = 0; block < BLOCKS; block++) {
                states.add(new ArrayList<>(List.of(0)));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3 -> write(false);
                    case 4, 5 -> write(true);
                    case 6 -> flush();
                    case 7 -> crash(false);
                    case 8 -> crash(true);
                    default -> check();
                }
            }
            check();
        }

        private void write(boolean durable) {
            int from = random.nextInt(BLOCKS);
            int to = from + 1 + random.nextInt(BLOCKS - from);
            int value = value();
            bench.write((long) from * blockBytes, (to - from) * blockBytes, value, durable);
            for (List<Integer> state : states.subList(from, to)) {
                if (durable) {
                    state.clear();
                }
                state.add(value);
            }
        }

        private void flush() {
            bench.flush();
            states.forEach(state -> state.subList(0, state.size() - 1).clear());
        }

        /** With a write in flight, which leaves its blocks old or new, each on its own. */
        private void crash(boolean power) {
            int from = random.nextInt(BLOCKS);
            int to = from + 1 + random.nextInt(BLOCKS - from);
            int value = value();
            boolean durable = random.nextBoolean();
            bench.submitWrite((long) from * blockBytes, (to - from) * blockBytes, value, durable);
            if (power) {
                bench.host.powerCut();
            } else {
                bench.host.kill();
            }
            bench.restart();
            for (int block = 0; block < BLOCKS; block++) {
                afterCrash(block, block >= from && block < to ? value : -1, power);
            }
        }

        private void afterCrash(int block, int inFlight, boolean power) {
            List<Integer> state = states.get(block);
            TreeSet<Integer> permitted = new TreeSet<>(power ? state : List.of(state.getLast()));
            if (inFlight >= 0) {
                permitted.add(inFlight);
            }
            int seen = bench.read((long) block * blockBytes);
            assertTrue(
                    permitted.contains(seen),
                    () ->
                            "seed %d: block %d is %d, not of %s"
                                    .formatted(seed, block, seen, permitted));
            if (power) {
                state.clear();
                state.add(seen);
            } else if (seen != state.getLast()) {
                state.add(seen);
            }
        }

        private void check() {
            for (int block = 0; block < BLOCKS; block++) {
                int seen = bench.read((long) block * blockBytes);
                int expected = states.get(block).getLast();
                assertTrue(
                        seen == expected,
                        "seed %d: block %d is %d, not %d".formatted(seed, block, seen, expected));
            }
        }

        private int value() {
            nextValue = nextValue % 120 + 1;
            return nextValue;
        }
    }
}
