package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One seed: a device goes back to an older image while its slot counts as in sync, again and again,
 * and an owner begins then. Its watermark is that of all others, which have only heard of what was
 * committed since. One of these makes that durable during the take-over, for another volume, and
 * its connection breaks: it attaches anew with a higher watermark (rule 9 of docs/correctness.md).
 * What was acknowledged is read all the time, and in the end all n+2 fragments agree.
 */
public final class RollBackRun {
    private static final int ROUNDS = 6;
    private static final int SOME = HostLines.COUNT;
    private static final long MS = 1_000_000;

    /** Long enough for every store to have the watermark durably, and some of it at home. */
    private static final long KEPT_NS = 60 * MS;

    /** Shorter than the time after which the owner gives a command up. */
    private static final long HELD_MS = 70;

    private final SplittableRandom random;
    private final Scheme scheme;
    private final CutClock clock = new CutClock();
    private final Machine machine;
    private final HostLines hosts;

    private RollBackRun(long seed) {
        random = new SplittableRandom(seed);
        // Where one fragment is a whole block, nobody contradicts it.
        scheme = random.nextBoolean() ? new Scheme(1) : PowerCuts.scheme(seed);
        List<CutDisk> disks = Machine.disks(scheme, clock, random, () -> {});
        machine =
                new Machine(
                        Machine.newVolume(scheme),
                        Machine.MERGE_PERCENT,
                        clock,
                        disks,
                        associations ->
                                new WirePort(
                                        clock, () -> 5_000 + random.nextInt(80_000), associations));
        hosts = new HostLines(machine, clock, random);
    }

    /**
     * An assertion fails if a promise is broken.
     *
     * @return writes that were begun
     */
    public static long play(long seed) {
        RollBackRun run = new RollBackRun(seed);
        OwnerRounds.play(seed, run.machine, run.hosts, ROUNDS, run::round);
        return run.hosts.writes();
    }

    private void round() {
        hosts.work(4 + random.nextInt(20));
        hosts.idle();
        machine.awaitInSync();
        machine.runFor(KEPT_NS);
        int rolled = random.nextInt(scheme.fragments());
        int rising = other(Set.of(rolled));
        CutDisk image = machine.disks().get(rolled).image();
        int first = writeUnheard();
        machine.startOwner();
        hosts.abandon();
        int slow = other(Set.of(rolled, rising));
        FragmentOp asked = random.nextBoolean() ? FragmentOp.LIST : FragmentOp.READ_AT;
        wire(slow).onNext(request -> request.op == asked, () -> rises(rising, slow, asked));
        machine.rollBack(rolled, image);
        machine.awaitServing();
        if (random.nextBoolean()) { // reads repair what they find; the others are looked at in the
            // end
            for (int i = 0; i < SOME; i++) {
                hosts.read(first + i);
            }
        }
        hosts.work(6);
        hosts.idle();
        machine.awaitInSync();
    }

    /** Of these writes reads tell that they are committed, and no store makes that durable. */
    private int writeUnheard() {
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            wire(slot).hold(request -> request.op == FragmentOp.COMMIT);
        }
        int first = random.nextInt(Machine.BLOCKS - SOME);
        for (int i = 0; i < SOME; i++) {
            hosts.begin(IoOp.WRITE, first + i, 1);
        }
        hosts.idle();
        for (int block = 0; block < Machine.BLOCKS; block += HostLines.HOT) {
            hosts.read(block); // each slot has the data of one of them
        }
        return first;
    }

    private void rises(int rising, int slow, FragmentOp asked) {
        wire(slow).hold(request -> request.op == asked);
        wire(rising).hold(request -> request.op == asked);
        clock.schedule(1, () -> machine.commitAnotherVolume(rising));
        clock.schedule(
                MS,
                () -> {
                    machine.cut(rising);
                    machine.reconnect(rising);
                });
        clock.schedule((30 + random.nextLong(HELD_MS - 30)) * MS, () -> wire(slow).letGo());
    }

    private int other(Set<Integer> than) {
        int slot = random.nextInt(scheme.fragments());
        while (than.contains(slot)) {
            slot = random.nextInt(scheme.fragments());
        }
        return slot;
    }

    private WirePort wire(int slot) {
        return (WirePort) machine.port(slot);
    }
}
