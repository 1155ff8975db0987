package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The work during which power is cut: small writes and large ones that bypass the journal, unmaps,
 * pauses in which stores merge; the same with one slot behind, with two, and while they catch up;
 * and a take-over in the middle of writes.
 */
final class Script {
    private static final int AT_ONCE = 3;
    private static final int LARGE = 24;

    /** Of so many seeds one discards whole pages, which are given out again. */
    private static final int WHOLE_PAGES_ONE_IN = 5;

    private final SplittableRandom random;
    private final Machine machine;
    private final Expected expected = new Expected(Machine.BLOCKS);
    private final Set<Integer> busy = new HashSet<>();
    private final BooleanSupplier over;
    private final boolean wholePages;
    private final int pageBlocks;
    private long stamps;
    private int underWay;

    /**
     * @param over whether enough is known: the script may end
     */
    Script(
            long seed,
            Scheme scheme,
            int mergePercent,
            CutDisk.Observer observer,
            BooleanSupplier over) {
        this.random = new SplittableRandom(seed);
        this.over = over;
        this.wholePages = Math.floorMod(seed, WHOLE_PAGES_ONE_IN) == WHOLE_PAGES_ONE_IN - 1;
        this.pageBlocks = (512 << Machine.PAGE_SHIFT) / scheme.fragmentBytes();
        CutClock clock = new CutClock();
        List<CutDisk> disks = Machine.disks(scheme, clock, random, observer);
        machine = new Machine(Machine.newVolume(scheme), mergePercent, clock, disks);
    }

    Machine machine() {
        return machine;
    }

    Expected expected() {
        return expected;
    }

    void prepare() {
        machine.format();
        machine.open(Set.of());
        machine.startOwner();
        machine.awaitServing();
    }

    void play() {
        int slots = machine.disks().size();
        int one = random.nextInt(slots);
        int other = (one + 1 + random.nextInt(slots - 1)) % slots;
        work(14);
        pause();
        work(6);
        machine.startOwner(); // in the middle of what is under way, whose hosts hear nothing
        abandon();
        await(machine::awaitServing);
        work(5);
        machine.cut(one);
        work(6);
        pause();
        machine.cut(other);
        work(6);
        machine.startOwner();
        abandon();
        await(machine::awaitServing);
        work(4);
        machine.reconnect(one);
        work(8);
        machine.reconnect(other);
        work(4);
        await(machine::awaitInSync);
        work(6);
        pause();
    }

    private void await(Runnable wait) {
        if (!over.getAsBoolean()) {
            wait.run();
        }
    }

    private void pause() {
        if (!over.getAsBoolean()) {
            machine.runFor(4_000_000L + random.nextInt(10_000_000));
        }
    }

    /** Nobody hears of what was under way any more. */
    private void abandon() {
        underWay = 0;
        busy.clear();
    }

    private void work(int count) {
        for (int i = 0; i < count && !over.getAsBoolean(); i++) {
            begin();
            machine.expect(() -> underWay < AT_ONCE, () -> "answers to hosts");
            if (random.nextInt(3) == 0) {
                machine.runFor(random.nextInt(300_000));
            }
        }
    }

    private void begin() {
        int kind = random.nextInt(10);
        if (wholePages && kind > 5) {
            discardOnePage();
            return;
        }
        int count = kind == 0 ? LARGE : 1 + random.nextInt(3);
        int first = random.nextInt(kind < 3 ? Machine.BLOCKS - count : 12);
        for (int block = first; block < first + count; block++) {
            if (busy.contains(block)) {
                return;
            }
        }
        begin(first, count, kind == 9 || kind == 8);
    }

    /** All pages but the first are written seldom, and in part. */
    private void discardOnePage() {
        int first = random.nextInt((Machine.BLOCKS - 1) / pageBlocks + 1) * pageBlocks;
        int count = Math.min(pageBlocks, Machine.BLOCKS - first);
        for (int block = first; block < first + count; block++) {
            if (busy.contains(block)) {
                return;
            }
        }
        begin(first, count, true);
    }

    private void begin(int first, int count, boolean unmap) {
        long stamp = unmap ? Stamps.ZEROS : ++stamps;
        MemorySegment buffer =
                Arena.ofAuto().allocate((long) count * BlockDevice.BLOCK_BYTES, 4096);
        for (int i = 0; i < count; i++) {
            busy.add(first + i);
            expected.begun(first + i, stamp);
        }
        if (!unmap) {
            Stamps.fillAll(buffer, BlockDevice.BLOCK_BYTES, first, count, stamp);
        }
        underWay++;
        machine.submit(
                unmap ? IoOp.UNMAP : IoOp.WRITE,
                first,
                count,
                buffer,
                (request, status) -> ended(first, count, stamp, status));
    }

    private void ended(int first, int count, long stamp, IoStatus status) {
        if (status == IoStatus.NOT_SERVING) {
            return; // of an owner that was stopped: it may happen or not
        }
        if (status != IoStatus.OK) {
            throw new AssertionError("a write of block %d ended with %s".formatted(first, status));
        }
        underWay--;
        for (int i = 0; i < count; i++) {
            busy.remove(first + i);
            expected.acknowledged(first + i, stamp);
        }
    }
}
