package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongToIntFunction;
import org.junit.jupiter.api.Test;

class WeightedJumpTest {
    private static final int DRAWS = 400_000;
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private static final List<ClusterMap> MAPS =
            List.of(
                    Clusters.weighing(1),
                    Clusters.weighing(1, 1),
                    Clusters.weighing(1, DeviceSlot.WEIGHT_MAX, 1),
                    Clusters.weighing(7, 1, 3, 3, 9, 2, 2, 40, 1, 5),
                    Clusters.even(37, 1));

    @Test
    void comparesAsIntegersWithoutBounds() {
        long[] edges = {0, 1, 2, Long.MAX_VALUE, Long.MIN_VALUE, -2, -1};
        long[] weights = {1, 2, 3, DeviceSlot.WEIGHT_MAX, (1L << 56) - 1, 1L << 56};
        for (long r : edges) {
            for (long weight : weights) {
                for (long base : weights) {
                    assertExceeds(weight, r, base);
                }
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            long base = 1 + random.nextLong(1L << 1 + random.nextInt(56));
            long weight = base + random.nextLong(1L << 1 + random.nextInt(56));
            assertExceeds(weight, random.nextLong(), base);
            // Around equality, where rounding would show.
            long edge = shifted(base).divide(BigInteger.valueOf(weight)).longValue();
            for (long r = edge - 2; r <= edge + 2; r++) {
                assertExceeds(weight, r, base);
            }
        }
    }

    /**
     * Next to the numbers at which the answer changes, a guess in floating point is often wrong.
     */
    @Test
    void jumpsToTheOldestSlotThatExceedsWhateverRoundingSays() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            long[] weights = new long[2 + random.nextInt(40)];
            for (int slot = 0; slot < weights.length; slot++) {
                weights[slot] = 1 + random.nextLong(1L << 1 + random.nextInt(40));
            }
            WeightedJump jump = new WeightedJump(Clusters.weighing(weights).slots());
            long[] upTo = weights.clone();
            Arrays.parallelPrefix(upTo, Long::sum);
            for (int base = 0; base < weights.length; base++) {
                for (int slot = base + 1; slot < weights.length; slot++) {
                    BigInteger weight = BigInteger.valueOf(upTo[slot]);
                    long edge = shifted(upTo[base]).divide(weight).longValue();
                    for (long r = edge - 2; r <= edge + 1; r++) {
                        assertEquals(oldest(upTo, base, r), jump.next(base, r), "r " + r);
                    }
                }
            }
        }
    }

    private static int oldest(long[] upTo, int base, long r) {
        int slot = base + 1;
        while (slot < upTo.length && !WeightedJump.exceeds(upTo[slot], r, upTo[base])) {
            slot++;
        }
        return slot;
    }

    private static void assertExceeds(long weight, long r, long base) {
        BigInteger u = new BigInteger(Long.toUnsignedString(r)).add(BigInteger.ONE);
        boolean expected = u.multiply(BigInteger.valueOf(weight)).compareTo(shifted(base)) > 0;
        assertEquals(
                expected,
                WeightedJump.exceeds(weight, r, base),
                () -> weight + " * (" + Long.toUnsignedString(r) + " + 1) > 2^64 * " + base);
    }

    private static BigInteger shifted(long weight) {
        return TWO_64.multiply(BigInteger.valueOf(weight));
    }

    @Test
    void sharesFollowTheWeights() {
        for (ClusterMap map : MAPS) {
            assertShares(map, new WeightedJump(map.slots())::winner);
        }
    }

    @Test
    void theListBucketHasTheSameDistribution() {
        for (ClusterMap map : MAPS) {
            assertShares(map, new ListBucket(map)::winner);
            double distance =
                    distance(
                            counts(map, new WeightedJump(map.slots())::winner, 1),
                            counts(map, new ListBucket(map)::winner, 2));
            assertChiSquare(distance, map);
        }
    }

    /** Two samples of one distribution: chi-square of their difference. */
    private static double distance(long[] one, long[] other) {
        double sum = 0;
        for (int slot = 0; slot < one.length; slot++) {
            if (one[slot] + other[slot] > 0) {
                double difference = one[slot] - other[slot];
                sum += difference * difference / (one[slot] + other[slot]);
            }
        }
        return sum;
    }

    private static void assertShares(ClusterMap map, LongToIntFunction winner) {
        long[] counts = counts(map, winner, 3);
        double total = map.slots().stream().mapToLong(DeviceSlot::weight).sum();
        double sum = 0;
        for (DeviceSlot slot : map.slots()) {
            double expected = DRAWS * slot.weight() / total;
            double difference = counts[slot.slot()] - expected;
            if (expected < 5) {
                assertTrue(counts[slot.slot()] < 20, "slot " + slot.slot());
            } else {
                sum += difference * difference / expected;
            }
        }
        assertChiSquare(sum, map);
    }

    /** Four sigma above the mean of the chi-square distribution. */
    private static void assertChiSquare(double value, ClusterMap map) {
        int freedom = map.slots().size();
        assertTrue(
                value < freedom + 4 * Math.sqrt(2.0 * freedom) + 4,
                () -> "chi-square " + value + " with " + freedom + " slots");
    }

    private static long[] counts(ClusterMap map, LongToIntFunction winner, int vuid) {
        long[] counts = new long[map.slots().size()];
        for (int page = 0; page < DRAWS; page++) {
            counts[winner.applyAsInt(DrawHash.drawKey(DrawHash.pageKey(vuid, page), 0))]++;
        }
        return counts;
    }

    @Test
    void anAddedSlotTakesItsShareAndNothingElseMoves() {
        for (long weight : new long[] {1, 3, 30, 1000}) {
            ClusterMap map = Clusters.weighing(7, 1, 3, 3, 9, 2, 2, 40, 1, 5);
            ClusterMap grown = Clusters.add(map, 1, weight);
            WeightedJump before = new WeightedJump(map.slots());
            WeightedJump after = new WeightedJump(grown.slots());
            int moved = 0;
            for (int page = 0; page < DRAWS; page++) {
                long key = DrawHash.drawKey(DrawHash.pageKey(5, page), 3);
                int winner = after.winner(key);
                if (winner != before.winner(key)) {
                    assertEquals(10, winner, "page " + page);
                    moved++;
                }
            }
            double share = weight / (73.0 + weight);
            double sigma = Math.sqrt(DRAWS * share * (1 - share));
            assertEquals(DRAWS * share, moved, 4 * sigma, "weight " + weight);
        }
    }

    @Test
    void drawsForDifferentChunksAreIndependent() {
        ClusterMap map = Clusters.even(10, 1);
        WeightedJump jump = new WeightedJump(map.slots());
        long[] pairs = new long[100];
        for (int page = 0; page < DRAWS; page++) {
            long pageKey = DrawHash.pageKey(1, page);
            int first = jump.winner(DrawHash.drawKey(pageKey, 0));
            pairs[first * 10 + jump.winner(DrawHash.drawKey(pageKey, 1))]++;
        }
        double sum = 0;
        for (long count : pairs) {
            sum += (count - DRAWS / 100.0) * (count - DRAWS / 100.0) / (DRAWS / 100.0);
        }
        double chiSquare = sum;
        assertTrue(sum < 99 + 4 * Math.sqrt(198), () -> "chi-square " + chiSquare);
    }
}
