package io.stria.dataplane.store;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Bytes written to the device over bytes of fragments overwritten at random: merging in place,
 * computed and measured on the store itself, against a log-structured home. {@code main} prints the
 * table of docs/decisions/0001-home-of-overwritten-fragments.md.
 */
final class WriteAmplificationModel {
    private static final int CHUNK_BYTES = 128 << 10;
    private static final int DESCRIPTOR_BYTES = 40;
    private static final int FRAGMENTS_PER_BATCH = 32;
    private static final double LOG_FILL = 0.8;

    private WriteAmplificationModel() {}

    public static void main(String[] arguments) {
        System.out.println("n | block | pages | in place | measured | log | log index B/page");
        for (int fragment : new int[] {4096, 2048, 1024, 512}) {
            for (int block : new int[] {512, 4096}) {
                for (int pages : new int[] {2000, 100}) {
                    System.out.printf(
                            "%d | %4d | %4d | %5.1f | %5.1f | %4.1f | %d%n",
                            4096 / fragment,
                            block,
                            pages,
                            inPlace(fragment, block, pages, 4 << 20),
                            measured(fragment, block, pages),
                            logStructured(fragment, block, pages),
                            8 * CHUNK_BYTES / fragment);
                }
            }
        }
    }

    /** Rounds of merging half of a ring of overwrites that fall anywhere in so many pages. */
    private static double inPlace(int fragment, int block, int pages, int ringBytes) {
        SplittableRandom random = new SplittableRandom(1);
        int perPage = CHUNK_BYTES / fragment;
        long batch =
                Layout.roundUp(
                        64 + (long) FRAGMENTS_PER_BATCH * (fragment + DESCRIPTOR_BYTES), block);
        int writes = (int) (ringBytes / 2 / batch) * FRAGMENTS_PER_BATCH;
        long written = writes / FRAGMENTS_PER_BATCH * batch;
        Map<Integer, BitSet> touched = new HashMap<>();
        for (int i = 0; i < writes; i++) {
            touched.computeIfAbsent(random.nextInt(pages), _ -> new BitSet())
                    .set(random.nextInt(perPage));
        }
        for (BitSet fragments : touched.values()) {
            BitSet blocks = new BitSet();
            BitSet headers = new BitSet();
            for (int f = fragments.nextSetBit(0); f >= 0; f = fragments.nextSetBit(f + 1)) {
                blocks.set(f * fragment / block, ((f + 1) * fragment - 1) / block + 1);
                headers.set(f / PageHeader.FRAGMENTS_PER_SECTOR * PageHeader.SECTOR_BYTES / block);
            }
            written += (long) (blocks.cardinality() + headers.cardinality()) * block;
        }
        return (double) written / ((double) writes * fragment);
    }

    /** Segments of 1 MiB filled to 80 %, the emptiest cleaned first; metadata beside the data. */
    private static double logStructured(int fragment, int block, int pages) {
        SplittableRandom random = new SplittableRandom(1);
        int live = Math.min(pages, 1000) * (CHUNK_BYTES / fragment);
        int perSegment = (1 << 20) / fragment;
        int segments = (int) (live / LOG_FILL / perSegment) + 3;
        int[] segmentOf = new int[live];
        int[] liveIn = new int[segments];
        int[][] content = new int[segments][perSegment];
        int[] used = new int[segments];
        ArrayDeque<Integer> free = new ArrayDeque<>();
        Arrays.fill(segmentOf, -1);
        for (int s = 0; s < segments; s++) {
            free.add(s);
        }
        int open = free.remove();
        long user = 0;
        long copied = 0;
        ArrayDeque<Integer> todo = new ArrayDeque<>();
        int total = live * 4;
        for (int i = 0; i < total; i++) {
            todo.add(i < live ? i : random.nextInt(live));
            boolean own = true;
            while (!todo.isEmpty()) {
                int f = todo.remove();
                if (used[open] == perSegment) {
                    open = free.remove();
                }
                if (segmentOf[f] >= 0) {
                    liveIn[segmentOf[f]]--;
                }
                content[open][used[open]++] = f;
                segmentOf[f] = open;
                liveIn[open]++;
                if (i >= 2 * live) {
                    user += own ? 1 : 0;
                    copied += own ? 0 : 1;
                }
                own = false;
                if (free.size() < 2 && todo.isEmpty()) {
                    int victim = -1;
                    for (int s = 0; s < segments; s++) {
                        if (s != open
                                && used[s] == perSegment
                                && (victim < 0 || liveIn[s] < liveIn[victim])) {
                            victim = s;
                        }
                    }
                    for (int k = 0; k < perSegment; k++) {
                        if (segmentOf[content[victim][k]] == victim) {
                            todo.add(content[victim][k]);
                            segmentOf[content[victim][k]] = -1;
                        }
                    }
                    used[victim] = 0;
                    liveIn[victim] = 0;
                    free.add(victim);
                }
            }
        }
        long batch =
                Layout.roundUp(
                        64 + (long) FRAGMENTS_PER_BATCH * (fragment + DESCRIPTOR_BYTES), block);
        double perFragment = (double) batch / FRAGMENTS_PER_BATCH / fragment;
        return perFragment * (user + copied) / user;
    }

    private static double measured(int fragment, int block, int pages) {
        StoreConfig config = StoreConfig.defaults().withRingBytesMax(4 << 20);
        try (StoreHarness harness = StoreHarness.formatted(1, 300L << 20, block, config)) {
            StoreClient client = new StoreClient(harness, 7, fragment);
            client.attach();
            long version = 0;
            for (int lpa = 0; lpa < pages; lpa++) {
                client.write(lpa, 0, client.fragments(), ++version);
                client.watermark = version;
            }
            client.commit(version);
            harness.runUntilIdle();
            StoreStats before = harness.store().stats();
            SplittableRandom random = new SplittableRandom(1);
            ArrayDeque<StoreHarness.Call> calls = new ArrayDeque<>();
            int writes = 3 * (4 << 20) / fragment;
            for (int i = 0; i < writes; i += FRAGMENTS_PER_BATCH) {
                for (int k = 0; k < FRAGMENTS_PER_BATCH; k++) {
                    calls.add(
                            harness.submit(
                                    client.writeCall(
                                            random.nextInt(pages),
                                            random.nextInt(client.fragments()),
                                            1,
                                            ++version)));
                }
                while (!calls.isEmpty()) {
                    harness.finish(calls.remove());
                }
                client.watermark = version;
            }
            client.commit(version);
            harness.runUntilIdle();
            StoreStats after = harness.store().stats();
            return (double) (after.bytesWritten() - before.bytesWritten())
                    / (after.fragmentBytesAccepted() - before.fragmentBytesAccepted());
        }
    }
}
