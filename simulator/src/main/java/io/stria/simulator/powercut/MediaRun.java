package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One seed: an owner at work on stores of which, of every block, up to two lose their fragment, or
 * have a bad one, or one has that of an older write, behind everybody's back; or on devices some of
 * which are too small for the volume. Slots go away and come back meanwhile, and other owners
 * begin. What was acknowledged is read all the time, and what was written again is right on all
 * stores.
 */
public final class MediaRun {
    private static final int STEPS = 90;
    private static final long SMALLEST_BYTES = 2_500_000;
    private static final int PAGE_BYTES = 135_168;
    private static final int HOT_BLOCKS = 24;

    private final SplittableRandom random;
    private final Scheme scheme;
    private final boolean small;
    private final Machine machine;
    private final Damage damage;
    private final Expected expected = new Expected(Machine.BLOCKS);

    /** Blocks with fragments that are wrong, on up to two slots. */
    private final Set<Integer> wrong = new TreeSet<>();

    /** The first of the two slots on which they are. */
    private int rotten;

    private final Set<Integer> away = new TreeSet<>();
    private long stamps;
    private int damaged;

    private MediaRun(long seed) {
        this.random = new SplittableRandom(seed);
        this.scheme = PowerCuts.scheme(seed);
        this.small = Math.floorMod(seed, 3) == 0;
        CutClock clock = new CutClock();
        List<CutDisk> disks = new ArrayList<>();
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            long pages = random.nextInt(8);
            disks.add(
                    new CutDisk(
                            small
                                    ? (SMALLEST_BYTES + pages * PAGE_BYTES) / 4096 * 4096
                                    : Machine.DISK_BYTES,
                            slot % 2 == 0 ? 512 : 4096,
                            clock,
                            () -> 5_000 + random.nextInt(60_000),
                            () -> {}));
        }
        this.machine = new Machine(Machine.newVolume(scheme), Machine.MERGE_PERCENT, clock, disks);
        this.damage = new Damage(machine);
    }

    /**
     * An assertion fails if anything is not there.
     *
     * @return blocks whose fragments were spoilt; none on small devices
     */
    public static int play(long seed) {
        MediaRun run = new MediaRun(seed);
        try (Machine machine = run.machine) {
            machine.format();
            machine.open(Set.of());
            machine.startOwner();
            machine.awaitServing();
            for (int step = 0; step < STEPS; step++) {
                run.step();
            }
            run.end();
            return run.damaged;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "%s; seed %d, %s%s"
                            .formatted(
                                    e.getMessage(),
                                    seed,
                                    run.scheme,
                                    run.small ? ", small devices" : ""),
                    e);
        }
    }

    private void step() {
        int block = random.nextInt(random.nextInt(3) == 0 ? Machine.BLOCKS : HOT_BLOCKS);
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> write(block, 1 + random.nextInt(3));
            case 4 -> write(block, 24);
            case 5 -> unmap(block, 1 + random.nextInt(3));
            case 6, 7 -> {
                if (!small) {
                    damage(block);
                }
            }
            case 8 -> goOrCome();
            case 9 -> newOwner();
            case 10 -> List.copyOf(wrong).forEach(each -> write(each, 1));
            default -> machine.runFor(random.nextInt(12_000_000));
        }
        read(random.nextInt(4) == 0 ? random.nextInt(Machine.BLOCKS) : block);
    }

    private void write(int block, int wished) {
        int count = Math.min(wished, Machine.BLOCKS - block);
        long stamp = ++stamps;
        MemorySegment buffer = buffer(count);
        Stamps.fillAll(buffer, BlockDevice.BLOCK_BYTES, block, count, stamp);
        change(IoOp.WRITE, block, count, stamp, buffer);
    }

    private void unmap(int block, int wished) {
        int count = Math.min(wished, Machine.BLOCKS - block);
        change(IoOp.UNMAP, block, count, Stamps.ZEROS, MemorySegment.NULL);
    }

    private void change(IoOp op, int block, int count, long stamp, MemorySegment buffer) {
        for (int i = 0; i < count; i++) {
            expected.begun(block + i, stamp);
        }
        IoStatus status = await(op, block, count, buffer);
        if (status == IoStatus.OK) {
            for (int i = 0; i < count; i++) {
                expected.acknowledged(block + i, stamp);
                wrong.remove(block + i);
            }
        } else if (!small || status != IoStatus.NO_SPACE) {
            throw new AssertionError("%s of block %d ended with %s".formatted(op, block, status));
        } else if (block / perPage() == (block + count - 1) / perPage()) {
            // The owner does it at once, as a whole or not at all.
            for (int i = 0; i < count; i++) {
                expected.refused(block + i, stamp);
            }
        }
    }

    private void read(int block) {
        MemorySegment buffer = buffer(1);
        IoStatus status = await(IoOp.READ, block, 1, buffer);
        if (status != IoStatus.OK) {
            throw new AssertionError("a read of block %d ended with %s".formatted(block, status));
        }
        expected.check(block, Stamps.read(buffer, 0, BlockDevice.BLOCK_BYTES, block));
    }

    private static MemorySegment buffer(int blocks) {
        return Arena.ofAuto().allocate((long) blocks * BlockDevice.BLOCK_BYTES, 4096);
    }

    private IoStatus await(IoOp op, int block, int count, MemorySegment buffer) {
        List<IoStatus> answer = new ArrayList<>();
        machine.submit(op, block, count, buffer, (request, status) -> answer.add(status));
        machine.expect(() -> !answer.isEmpty(), () -> "the end of " + op + " of block " + block);
        return answer.getFirst();
    }

    /** Up to two fragments of the block are gone or bad, or one is that of an older write. */
    private void damage(int block) {
        if (unavailable() > 0 || wrong.contains(block)) {
            return;
        }
        if (wrong.isEmpty()) {
            rotten = random.nextInt(scheme.fragments());
        }
        wrong.add(block);
        damaged++;
        int kind = 1 + random.nextInt(3);
        long page = block / perPage();
        for (int chunk = 0; chunk < scheme.fragments(); chunk++) {
            int slot = (int) ((page + chunk) % scheme.fragments());
            boolean first = slot == rotten;
            boolean second = slot == (rotten + 1) % scheme.fragments();
            if ((first && (kind & 1) != 0) || (second && (kind & 2) != 0)) {
                damage.set(block, slot, kindOf(block, kind != 3));
            }
        }
    }

    /**
     * Nothing but another fragment says that one is older than it should be: a block that has one
     * data fragment is read from that alone, and two that agree may be all that is read.
     */
    private Damage.Kind kindOf(int block, boolean alone) {
        if (!expected.isWritten(block)) {
            return Damage.Kind.ABSENT;
        }
        boolean mayBeOlder = alone && scheme.dataFragments() > 1;
        return switch (random.nextInt(mayBeOlder ? 3 : 2)) {
            case 0 -> Damage.Kind.ABSENT;
            case 1 -> Damage.Kind.BAD;
            default -> Damage.Kind.OLDER;
        };
    }

    private int perPage() {
        return (512 << Machine.PAGE_SHIFT) / scheme.fragmentBytes();
    }

    private int unavailable() {
        Set<Integer> slots = new TreeSet<>(away);
        slots.addAll(machine.volume().behind().keySet());
        return slots.size();
    }

    private void goOrCome() {
        int slot = random.nextInt(scheme.fragments());
        if (away.remove(slot)) {
            machine.reconnect(slot);
        } else if (wrong.isEmpty() && unavailable() < Scheme.PARITY_FRAGMENTS) {
            away.add(slot);
            machine.cut(slot);
        }
    }

    private void newOwner() {
        machine.startOwner();
        machine.awaitServing();
    }

    /** Hosts discard all there is: whoever had no room has it now. */
    private void makeRoom() {
        for (int block = 0; block < Machine.BLOCKS; block += 24) {
            unmap(block, 24);
        }
    }

    private void end() {
        List.copyOf(away).forEach(machine::reconnect);
        away.clear();
        if (small) {
            makeRoom();
        }
        machine.awaitInSync();
        List.copyOf(wrong).forEach(block -> write(block, 1));
        long[] stampsRead = machine.readAll();
        for (int block = 0; block < stampsRead.length; block++) {
            expected.check(block, stampsRead[block]);
        }
        new StripeCheck(machine).run(stampsRead);
    }
}
