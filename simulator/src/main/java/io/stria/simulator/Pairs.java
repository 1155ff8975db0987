package io.stria.simulator;

import io.stria.clustermap.Scheme;
import java.util.ArrayList;
import java.util.List;

/**
 * Every pair of nodes is lost once, one pair after the other: both are killed at one moment, with
 * hosts at work, while some writes are on their way, one has just been acknowledged and one is
 * about to begin. Meanwhile writes go on and all that was ever acknowledged reads back; then both
 * come back and catch up.
 */
final class Pairs {
    /** When the nodes' supervisors say that their processes have ended. */
    static final long ATTESTED_MS = 4_000;

    /** When only silence tells. */
    static final long SILENT_MS = 8_000;

    /** Writes on their way when the pair dies, begun one after the other. */
    private static final int STAGGERED = 6;

    private static final long STAGGER_US_MAX = 60;
    private static final long US = 1_000;

    /**
     * What losing all pairs of one cluster came to.
     *
     * @param pairs how many there are
     * @param during how many writes were on their way when a pair died, all pairs together
     * @param attestedMs longest time from a loss to the twentieth write after it
     * @param silentMs the same, where nobody attested the ends
     * @param recoveryMs longest time from the return of both to all in sync
     * @param blocksRead how many blocks were read back without two nodes, all pairs together
     * @param scrubbed blocks whose fragments were all compared at the end
     */
    record Result(
            Scheme scheme,
            int nodes,
            int pairs,
            long during,
            long writes,
            long attestedMs,
            long silentMs,
            long recoveryMs,
            long blocksRead,
            long scrubbed,
            long simulatedMs) {
        @Override
        public String toString() {
            return ("%s on %d nodes, each of %d pairs lost: %,d writes acknowledged, %,d on their way"
                            + " when a pair died, %,d blocks read back without the two, writes went on within %,d ms (%,d ms where"
                            + " nobody attested the ends), all in sync within %,d ms, %,d blocks"
                            + " scrubbed without a mismatch; %,d simulated seconds")
                    .formatted(
                            scheme,
                            nodes,
                            pairs,
                            writes,
                            during,
                            blocksRead,
                            attestedMs,
                            silentMs,
                            recoveryMs,
                            scrubbed,
                            simulatedMs / 1000);
        }
    }

    private final Scene scene;
    private final List<Long> onePerPage = new ArrayList<>();
    private int lost;
    private long during;
    private long attestedMs;
    private long silentMs;
    private long recoveryMs;
    private long blocksRead;

    private Pairs(Scene scene) {
        this.scene = scene;
        ClusterConfig config = scene.cluster.config();
        long perPage = (512L << ClusterConfig.PAGE_SHIFT) / config.scheme().fragmentBytes();
        for (long block = 0; block < config.volumeBlocks(); block += perPage) {
            onePerPage.add(block);
        }
    }

    /**
     * @throws Broken when a promise is broken
     */
    static Result lose(long seed, int nodes, Scheme scheme) {
        Pairs[] pairs = new Pairs[1];
        Scene scene =
                Scene.play(
                        seed,
                        nodes,
                        scheme,
                        of -> {
                            pairs[0] = new Pairs(of);
                            pairs[0].loseAll();
                        });
        return pairs[0].result(scene);
    }

    private Result result(Scene played) {
        return new Result(
                played.cluster.config().scheme(),
                played.cluster.config().nodes(),
                lost,
                during,
                played.hosts.history().writes(),
                attestedMs,
                silentMs,
                recoveryMs,
                blocksRead,
                played.scrubbed(),
                played.cluster.simulation().nowNs() / 1_000_000);
    }

    private void loseAll() {
        int nodes = scene.cluster.config().nodes();
        for (int one = 1; one <= nodes; one++) {
            for (int other = one + 1; other <= nodes; other++) {
                lose(scene.cluster.node(one), scene.cluster.node(other));
            }
        }
    }

    private void lose(SimulatedNode one, SimulatedNode other) {
        boolean attested = (one.id() + other.id()) % 2 == 0;
        scene.hosts.start();
        scene.writesGoOn(2_000);
        List<Answer> writes = writeUntilOneIsAcknowledged();
        during += writes.stream().filter(write -> !write.isThere()).count();
        scene.kill(attested, one, other);
        Answer begun = scene.hosts.beginWrite(page(1));
        long wentOnMs = scene.writesGoOn(attested ? ATTESTED_MS : SILENT_MS);
        scene.hosts.quiesce(Scene.IO_MS);
        scene.cluster.expect(
                () -> writes.stream().allMatch(Answer::isThere) && begun.isThere(),
                Scene.IO_MS,
                "answers to what was written when the two nodes died");
        blocksRead += scene.hosts.readAll(Scene.IO_MS);
        if (one.isRunning() || other.isRunning()) {
            throw new AssertionError("nodes were up again before all was read");
        }
        recoveryMs = Math.max(recoveryMs, scene.recovers());
        lost++;
        if (attested) {
            attestedMs = Math.max(attestedMs, wentOnMs);
        } else {
            silentMs = Math.max(silentMs, wentOnMs);
        }
    }

    /** Blocks of different pages, in turn: so every page is written with every pair away. */
    private long page(int of) {
        return onePerPage.get((lost * (STAGGERED + 1) + of) % onePerPage.size());
    }

    /** The first of them has its answer; some of the others are on their way, at any stage. */
    private List<Answer> writeUntilOneIsAcknowledged() {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < STAGGERED; i++) {
            answers.add(scene.hosts.beginWrite(page(2 + i)));
            scene.cluster.runForNs((lost * 7L + i * 13L) % STAGGER_US_MAX * US);
        }
        scene.cluster.expect(
                () -> answers.stream().anyMatch(Answer::isThere),
                Scene.IO_MS,
                "one of the writes that begin before the loss");
        return answers;
    }
}
