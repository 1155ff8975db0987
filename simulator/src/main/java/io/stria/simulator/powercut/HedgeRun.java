package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.IoOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One seed: an owner at work on stores of which one or two are many times slower than the others
 * for a while, then others. Slots go away and come back meanwhile, and other owners begin. Reads
 * that went around a slow store show what was acknowledged, and their memory is their host's again
 * when they have ended; in the end all n+2 fragments agree.
 */
public final class HedgeRun {
    private static final int ROUNDS = 10;
    private static final int SLOWEST = 40;

    /** Of what still lies in a journal a store tells at once. */
    private static final long MERGED_MS = 60;

    private static final long MS = 1_000_000;

    private final SplittableRandom random;
    private final Scheme scheme;
    private final CutClock clock = new CutClock();
    private final int[] slowness;
    private final Machine machine;
    private final HostLines hosts;
    private final Damage damage;

    private HedgeRun(long seed) {
        random = new SplittableRandom(seed);
        scheme = PowerCuts.scheme(seed);
        slowness = new int[scheme.fragments()];
        List<CutDisk> disks = new ArrayList<>();
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            int of = slot;
            slowness[slot] = 1;
            disks.add(
                    new CutDisk(
                            Machine.DISK_BYTES,
                            slot % 2 == 0 ? 512 : 4096,
                            clock,
                            () -> (long) slowness[of] * (5_000 + random.nextInt(60_000)),
                            () -> {}));
        }
        machine = new Machine(Machine.newVolume(scheme), Machine.MERGE_PERCENT, clock, disks);
        hosts = new HostLines(machine, clock, random);
        damage = new Damage(machine);
    }

    /**
     * An assertion fails if a promise is broken.
     *
     * @return reads that were hedged
     */
    public static long play(long seed) {
        HedgeRun run = new HedgeRun(seed);
        OwnerRounds.play(seed, run.machine, run.hosts, ROUNDS, run::round);
        return run.machine.hedged();
    }

    private void round() {
        for (int count = 1 + random.nextInt(2); count > 0; count--) {
            slowness[random.nextInt(slowness.length)] = 2 + random.nextInt(SLOWEST);
        }
        hosts.work(40 + random.nextInt(60));
        int slot = random.nextInt(scheme.fragments());
        switch (random.nextInt(4)) {
            case 0 -> {
                machine.cut(slot);
                hosts.workFor(random.nextLong(200 * MS));
                machine.reconnect(slot);
                hosts.work(20);
            }
            case 1 -> {
                machine.startOwner();
                hosts.abandon();
                machine.awaitServing();
            }
            case 2 -> machine.runFor(random.nextLong(20 * MS)); // stores merge
            default -> readWhatStoresHaveLost(slot);
        }
        Arrays.fill(slowness, 1);
        hosts.work(random.nextInt(30));
    }

    /** One or two, of the four or so that a late one can be replaced by. */
    private void readWhatStoresHaveLost(int slot) {
        hosts.idle();
        machine.awaitInSync();
        int block = random.nextInt(Machine.BLOCKS);
        hosts.begin(IoOp.WRITE, block, 1);
        hosts.idle();
        machine.runFor(MERGED_MS * MS);
        damage.set(block, slot, anyKind());
        if (random.nextBoolean()) {
            damage.set(block, (slot + 1) % scheme.fragments(), anyKind());
        }
        for (int times = random.nextInt(4); times >= 0; times--) {
            hosts.read(block);
        }
        hosts.begin(IoOp.WRITE, block, 1);
        hosts.idle();
    }

    private Damage.Kind anyKind() {
        return random.nextInt(4) > 0 ? Damage.Kind.ABSENT : Damage.Kind.BAD;
    }
}
