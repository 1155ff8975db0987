package io.stria.simulator;

import io.stria.clustermap.Scheme;
import java.util.ArrayList;
import java.util.List;

/**
 * Every pair of nodes, or of devices, is lost once, one pair after the other: both at one moment,
 * with hosts at work, while some writes are on their way, one has just been acknowledged and one is
 * about to begin. Meanwhile writes go on and all that was ever acknowledged reads back; then both
 * come back and catch up.
 */
final class Pairs {
    /** When the nodes' supervisors say that their processes have ended, or a device fails. */
    static final long ATTESTED_MS = 4_000;

    /** When only silence tells. */
    static final long SILENT_MS = 8_000;

    /** Writes on their way when the pair is lost, begun one after the other. */
    private static final int STAGGERED = 6;

    private static final long STAGGER_US_MAX = 60;
    private static final long US = 1_000;

    /**
     * What losing all pairs of one cluster came to.
     *
     * @param pairs how many there are
     * @param before writes that were acknowledged when a pair was lost, all pairs together
     * @param during writes that were on their way then
     * @param after writes that began later and were acknowledged without the two
     * @param attestedMs longest time from a loss to the twentieth write after it
     * @param silentMs the same, where nobody attested the ends; 0 for devices
     * @param recoveryMs longest time from the return of both to all in sync
     * @param blocksRead how many blocks were read back without the two, all pairs together
     * @param scrubbed blocks whose fragments were all compared at the end
     */
    record Result(
            Scheme scheme,
            int nodes,
            Part.Kind kind,
            int pairs,
            long before,
            long during,
            long after,
            long attestedMs,
            long silentMs,
            long recoveryMs,
            long blocksRead,
            long scrubbed,
            long simulatedMs) {
        @Override
        public String toString() {
            return ("%s on %d nodes, each of %d pairs of %s: %,d writes acknowledged before, %,d"
                            + " on their way, %,d acknowledged without the two, %,d blocks read"
                            + " back without them; writes went on within %,d ms%s, all in sync"
                            + " within %,d ms, %,d blocks scrubbed without a mismatch; %,d"
                            + " simulated seconds")
                    .formatted(
                            scheme,
                            nodes,
                            pairs,
                            kind,
                            before,
                            during,
                            after,
                            blocksRead,
                            attestedMs,
                            kind != Part.Kind.NODES
                                    ? ""
                                    : " (%,d ms where nobody attested the ends)"
                                            .formatted(silentMs),
                            recoveryMs,
                            scrubbed,
                            simulatedMs / 1000);
        }
    }

    private final Scene scene;
    private final Part.Kind kind;
    private final List<Long> onePerPage = new ArrayList<>();
    private int lost;
    private long before;
    private long during;
    private long after;
    private long counted;
    private long attestedMs;
    private long silentMs;
    private long recoveryMs;
    private long blocksRead;

    private Pairs(Scene scene, Part.Kind kind) {
        this.scene = scene;
        this.kind = kind;
        ClusterConfig config = scene.cluster.config();
        long perPage = (512L << ClusterConfig.PAGE_SHIFT) / config.scheme().fragmentBytes();
        for (long block = 0; block < config.volumeBlocks(); block += perPage) {
            onePerPage.add(block);
        }
    }

    /**
     * @throws Broken when a promise is broken
     */
    static Result lose(long seed, int nodes, Scheme scheme, Part.Kind kind) {
        Pairs[] pairs = new Pairs[1];
        Scene scene =
                Scene.play(
                        seed,
                        nodes,
                        scheme,
                        of -> {
                            pairs[0] = new Pairs(of, kind);
                            pairs[0].loseAll();
                        });
        return pairs[0].result(scene);
    }

    private Result result(Scene played) {
        return new Result(
                played.cluster.config().scheme(),
                played.cluster.config().nodes(),
                kind,
                lost,
                before,
                during,
                after,
                attestedMs,
                silentMs,
                recoveryMs,
                blocksRead,
                played.scrubbed(),
                played.cluster.simulation().nowNs() / 1_000_000);
    }

    private void loseAll() {
        List<Part> parts = kind.of(scene.cluster);
        for (int one = 0; one < parts.size(); one++) {
            for (int other = one + 1; other < parts.size(); other++) {
                lose(parts.get(one), parts.get(other));
            }
        }
    }

    private void lose(Part one, Part other) {
        boolean attested =
                kind != Part.Kind.NODES || (one.node().id() + other.node().id()) % 2 == 0;
        scene.hosts.start();
        scene.writesGoOn(2_000);
        List<Answer> writes = writeUntilOneIsAcknowledged();
        during += writes.stream().filter(write -> !write.isThere()).count();
        long acknowledged = scene.hosts.history().writes();
        before += acknowledged - counted;
        one.lose();
        other.lose();
        if (attested && kind == Part.Kind.NODES) {
            scene.cluster.attest(one.node());
            scene.cluster.attest(other.node());
        }
        Answer begun = scene.hosts.beginWrite(page(1));
        long wentOnMs = scene.writesGoOn(attested ? ATTESTED_MS : SILENT_MS);
        scene.hosts.quiesce(Scene.IO_MS);
        scene.cluster.expect(
                () -> writes.stream().allMatch(Answer::isThere) && begun.isThere(),
                Scene.IO_MS,
                "answers to what was written when the two were lost");
        blocksRead += scene.hosts.readAll(Scene.IO_MS);
        if (!one.isAway() || !other.isAway()) {
            throw new AssertionError("the two were back before all was read");
        }
        counted = scene.hosts.history().writes();
        after += counted - acknowledged;
        one.repair();
        other.repair();
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
