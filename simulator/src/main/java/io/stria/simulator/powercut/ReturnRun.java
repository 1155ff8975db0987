package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One seed: an owner at work, of whose stores one goes and comes back again and again, and each
 * time something happens just then that rule 9 of docs/correctness.md has to bear: it goes again in
 * the middle of its comparison, what was sent to it before arrives late, decisions are slow, writes
 * are stuck elsewhere when it is called in sync, and the owner ends at that moment with two others.
 * What was acknowledged is read all the time, and in the end all n+2 fragments agree.
 */
public final class ReturnRun {
    private static final int ROUNDS = 7;
    private static final int SOME = HostLines.COUNT;
    private static final long MS = 1_000_000;

    /** Shorter than the time after which the owner gives a command up. */
    private static final long HELD_MS = 60;

    /** Long enough for tombstones to be forgotten. */
    private static final long KEPT_MS = 50;

    private final SplittableRandom random;
    private final Scheme scheme;
    private final CutClock clock = new CutClock();
    private final Machine machine;
    private final HostLines hosts;

    /** Slots that the owner has called in sync since it was last asked. */
    private final Set<Integer> proposed = new TreeSet<>();

    private ReturnRun(long seed) {
        random = new SplittableRandom(seed);
        scheme = PowerCuts.scheme(seed);
        List<CutDisk> disks = Machine.disks(scheme, clock, random, () -> {});
        machine =
                new Machine(
                        Machine.newVolume(scheme),
                        Machine.MERGE_PERCENT,
                        clock,
                        disks,
                        associations -> new WirePort(clock, this::latencyNs, associations));
        machine.onInSyncProposed(proposed::add);
        hosts = new HostLines(machine, clock, random);
    }

    private long latencyNs() {
        return 5_000 + random.nextInt(random.nextInt(8) == 0 ? 900_000 : 80_000);
    }

    /**
     * An assertion fails if a promise is broken.
     *
     * @return writes that were begun
     */
    public static long play(long seed) {
        ReturnRun run = new ReturnRun(seed);
        OwnerRounds.play(seed, run.machine, run.hosts, ROUNDS, run::round);
        return run.hosts.writes();
    }

    private void round() {
        int slot = random.nextInt(scheme.fragments());
        machine.cut(slot);
        hosts.work(4 + random.nextInt(20));
        machine.expect(() -> isBehind(slot), () -> "the mark of slot " + slot);
        hosts.work(4 + random.nextInt(20));
        if (random.nextInt(4) == 0) {
            newOwner(Set.of(slot));
        }
        if (random.nextInt(4) == 0) {
            pause(random.nextInt(20) * MS); // stores merge
        }
        if (random.nextBoolean()) {
            machine.decisionsTake(() -> 1 + random.nextLong(30 * MS));
        }
        proposed.clear();
        switch (random.nextInt(11)) {
            case 0, 1 -> goesAgain(slot);
            case 2 -> endsAfterItsProposal(slot);
            case 3 -> returnsBesideStuckWrites(slot);
            case 4 -> endsDuringItsReturn(slot);
            case 5 -> isStuck(slot);
            case 6 -> missesDiscards(slot);
            case 7 -> endsBesideStuckChanges(slot);
            case 8, 9 -> returnsWhileAThirdIsGone(slot);
            default -> decidesWhileStoresComeBack(slot);
        }
        machine.decisionsTake(() -> 0);
        connectAll();
        awaitServing();
        hosts.work(6);
        hosts.idle();
        machine.awaitInSync();
        hosts.read(random.nextInt(Machine.BLOCKS));
    }

    /** What was sent to it before is executed when it is about to be in sync, if at all. */
    private void goesAgain(int slot) {
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            machine.reconnect(slot);
            if (random.nextBoolean()) {
                hosts.workFor(random.nextLong(4 * MS));
                wire(slot).hold(ReturnRun::isChange);
            }
            hosts.workFor(random.nextLong(random.nextBoolean() ? 2 * MS : 40 * MS));
            machine.cut(slot);
            hosts.work(random.nextInt(12));
        }
        machine.reconnect(slot);
        hosts.workFor(random.nextLong(60 * MS));
        wire(slot).letGo();
        hosts.workFor(random.nextLong(10 * MS));
    }

    /** It is gone when the decision falls; then the owner ends, and two others with it. */
    private void endsAfterItsProposal(int slot) {
        machine.decisionsTake(() -> 5 * MS + random.nextLong(40 * MS));
        machine.reconnect(slot);
        hosts.workUntil(() -> proposed.contains(slot), 400 * MS);
        machine.cut(slot);
        hosts.work(2 + random.nextInt(6));
        hosts.workUntil(() -> !isBehind(slot), 60 * MS);
        endsWithTwoOthers(slot);
    }

    /** All others do not come to writes of blocks that were not written while it was away. */
    private void returnsBesideStuckWrites(int slot) {
        hosts.idle();
        hosts.among(Machine.BLOCKS / 2); // the others stay as they are
        connectAll();
        machine.awaitInSync();
        pause(KEPT_MS * MS); // now all of it is known to be everywhere
        machine.cut(slot);
        machine.expect(() -> isBehind(slot), () -> "the mark of slot " + slot);
        hosts.work(8);
        hosts.idle();
        boolean[] attached = {false};
        wire(slot).onNext(request -> request.op == FragmentOp.LIST, () -> attached[0] = true);
        machine.reconnect(slot);
        machine.run(() -> attached[0], 400 * MS);
        for (int each = 0; each < scheme.fragments(); each++) {
            if (each != slot) {
                wire(each).hold(request -> request.op == FragmentOp.WRITE);
            }
        }
        int first = Machine.BLOCKS / 2 + random.nextInt(Machine.BLOCKS / 2 - SOME);
        for (int i = 0; i < SOME; i++) {
            hosts.begin(IoOp.WRITE, first + i, 1);
        }
        machine.run(() -> !isBehind(slot), HELD_MS * MS);
        hosts.among(Machine.BLOCKS);
        endsWithTwoOthers(slot);
    }

    /** It is marked for a write that it does not come to before the block has been discarded. */
    private void isStuck(int slot) {
        connectAll();
        hosts.idle();
        machine.awaitInSync();
        wire(slot).hold(request -> request.op == FragmentOp.WRITE);
        int first = random.nextInt(Machine.BLOCKS - SOME);
        for (int i = 0; i < SOME; i++) {
            hosts.begin(IoOp.WRITE, first + i, 1);
            hosts.begin(IoOp.UNMAP, first + i, 1);
        }
        machine.expect(() -> isBehind(slot), () -> "the mark of slot " + slot);
        hosts.idle();
        machine.run(() -> !isBehind(slot), 400 * MS);
        pause(KEPT_MS * MS);
        wire(slot).letGo();
        pause(KEPT_MS * MS);
        readSome(first);
    }

    /** What it has was discarded, and everybody else has had the time to forget that. */
    private void missesDiscards(int slot) {
        int first = writeSome();
        machine.cut(slot);
        machine.expect(() -> isBehind(slot), () -> "the mark of slot " + slot);
        for (int i = 0; i < SOME; i++) {
            hosts.begin(IoOp.UNMAP, first + i, 1);
        }
        hosts.idle();
        pause(3 * KEPT_MS * MS);
        machine.reconnect(slot);
        machine.expect(() -> !isBehind(slot), () -> "slot " + slot + " in sync");
        readSome(first);
    }

    /**
     * A second one is behind and away, and then a third one goes, or two do, which nobody may mark:
     * writes wait for it, and it comes back in the place of one that was there all the time.
     */
    private void returnsWhileAThirdIsGone(int slot) {
        int first = writeSome();
        int second = other(slot, -1);
        machine.cut(slot);
        machine.cut(second);
        machine.expect(() -> isBehind(slot) && isBehind(second), () -> "two marks");
        boolean misses = random.nextBoolean();
        if (misses) {
            hosts.begin(IoOp.WRITE, first, 1 + random.nextInt(SOME));
            hosts.idle();
        }
        int third = other(slot, second);
        machine.cut(third);
        boolean fourthGoes = misses && random.nextInt(4) == 0;
        int fourth = scheme.dataFragments() > 1 ? other(Set.of(slot, second, third)) : second;
        if (fourthGoes) {
            machine.cut(fourth);
        }
        beginSome(first);
        pause(random.nextLong(600 * MS));
        machine.reconnect(slot);
        if (random.nextBoolean()) {
            pause(random.nextLong(600 * MS));
            beginSome(random.nextInt(Machine.BLOCKS - SOME));
        }
        if (misses || scheme.dataFragments() == 1) {
            machine.run(() -> !isBehind(slot), 1000 * MS);
        } else {
            machine.expect(
                    () -> !isBehind(slot), () -> "slot " + slot + " in sync without " + third);
        }
        if (random.nextInt(3) > 0
                && Set.of(second).containsAll(machine.volume().behind().keySet())) {
            startOwner();
            machine.cut(fourth);
            machine.reconnect(third);
            awaitServing();
            readSome(first);
        } else if (!fourthGoes && !isBehind(slot)) {
            hosts.idle();
        }
    }

    private void beginSome(int first) {
        for (int i = 0; i < SOME; i++) {
            hosts.beginIfFree(random.nextInt(3) == 0 ? IoOp.UNMAP : IoOp.WRITE, first + i);
        }
    }

    /** It alone comes to writes, or discards, of blocks, and has the time to merge them. */
    private void endsBesideStuckChanges(int slot) {
        int first = writeSome();
        FragmentOp stuck = random.nextBoolean() ? FragmentOp.WRITE : FragmentOp.UNMAP;
        for (int each = 0; each < scheme.fragments(); each++) {
            if (each != slot) {
                wire(each).hold(request -> request.op == stuck);
            }
        }
        for (int i = 0; i < SOME; i++) {
            hosts.begin(stuck == FragmentOp.WRITE ? IoOp.WRITE : IoOp.UNMAP, first + i, 1);
        }
        pause(HELD_MS * MS);
        endsWithTwoOthers(slot);
        readSome(first);
    }

    /** Blocks that everybody has, and knows that everybody has. Returns the first. */
    private int writeSome() {
        connectAll();
        hosts.idle();
        machine.awaitInSync();
        int first = random.nextInt(Machine.BLOCKS - SOME);
        for (int i = 0; i < SOME; i++) {
            hosts.begin(IoOp.WRITE, first + i, 1);
        }
        hosts.idle();
        pause(KEPT_MS * MS);
        return first;
    }

    private void readSome(int first) {
        for (int i = 0; i < SOME; i++) {
            hosts.read(first + i);
        }
    }

    private void endsDuringItsReturn(int slot) {
        machine.reconnect(slot);
        hosts.workFor(random.nextLong(random.nextBoolean() ? 2 * MS : 30 * MS));
        newOwner(Set.of());
        hosts.work(random.nextInt(6));
    }

    /** Of what the new owner asks at first one store answers, late, and the others come back. */
    private void decidesWhileStoresComeBack(int slot) {
        machine.reconnect(slot);
        hosts.workUntil(() -> !isBehind(slot), 400 * MS);
        hosts.work(8);
        startOwner();
        connectAll();
        List<Integer> away = new ArrayList<>();
        for (int i = 0; i < scheme.fragments(); i++) {
            if (i != slot) {
                away.add(i);
            }
        }
        wire(slot).onNext(request -> request.op == FragmentOp.READ_AT, () -> flap(slot, away));
        awaitServing();
    }

    private void flap(int slow, List<Integer> away) {
        wire(slow).hold(request -> request.op == FragmentOp.READ_AT);
        clock.schedule(
                1,
                () -> {
                    away.forEach(machine::cut);
                    away.forEach(machine::reconnect);
                });
        clock.schedule(30 * MS + random.nextLong(40 * MS), () -> wire(slow).letGo());
    }

    /** If the map says that the slot is in sync, the volume does without two others. */
    private void endsWithTwoOthers(int slot) {
        int one = other(slot, -1);
        int two = other(slot, one);
        boolean borne = Set.of(one, two).containsAll(machine.volume().behind().keySet());
        startOwner();
        connectAll();
        if (borne) {
            machine.cut(one);
            machine.cut(two);
            if (random.nextBoolean()) {
                machine.decisionsTake(() -> 0);
            }
        }
        assert machine.port(slot).connection() != 0;
        awaitServing();
        for (int block = 0; block < HostLines.HOT; block++) {
            hosts.read(block);
        }
        for (int block : List.copyOf(hosts.expected().touched())) {
            if (random.nextInt(4) == 0) {
                hosts.read(block);
            }
        }
    }

    private int other(int than, int andThan) {
        int slot = random.nextInt(scheme.fragments());
        while (slot == than || slot == andThan) {
            slot = random.nextInt(scheme.fragments());
        }
        return slot;
    }

    private int other(Set<Integer> than) {
        int slot = random.nextInt(scheme.fragments());
        while (than.contains(slot)) {
            slot = random.nextInt(scheme.fragments());
        }
        return slot;
    }

    private boolean isBehind(int slot) {
        return machine.volume().behind().containsKey(slot);
    }

    private WirePort wire(int slot) {
        return (WirePort) machine.port(slot);
    }

    private static boolean isChange(FragmentRequest request) {
        return request.op == FragmentOp.WRITE
                || request.op == FragmentOp.REPLACE
                || request.op == FragmentOp.UNMAP;
    }

    private void connectAll() {
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            machine.reconnect(slot);
        }
    }

    private void newOwner(Set<Integer> without) {
        startOwner();
        without.forEach(machine::cut);
        awaitServing();
    }

    /** Nobody hears of what was under way any more. */
    private void startOwner() {
        machine.startOwner();
        hosts.abandon();
    }

    private void awaitServing() {
        machine.awaitServing();
    }

    private void pause(long ns) {
        machine.runFor(ns);
    }
}
