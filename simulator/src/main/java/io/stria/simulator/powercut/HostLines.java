package io.stria.simulator.powercut;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Hosts of a {@link Machine}, a few commands at a time, no two of them of one block unless told so:
 * what each is told is held against what it may be told.
 */
final class HostLines {
    /** Commands under way at a time. */
    static final int COUNT = 4;

    /** The first blocks, which are written most. */
    static final int HOT = 16;

    private static final byte GIVEN_BACK = 0x55;
    private static final int WATCHED = 32;

    private final Machine machine;
    private final CutClock clock;
    private final SplittableRandom random;
    private final Expected expected = new Expected(Machine.BLOCKS);
    private final Set<Integer> busy = new HashSet<>();

    /** Memory of reads that have ended, which nobody is to touch any more. */
    private final ArrayDeque<MemorySegment> givenBack = new ArrayDeque<>();

    private int blocks = Machine.BLOCKS;
    private long stamps;
    private int lines;
    private int generation;

    HostLines(Machine machine, CutClock clock, SplittableRandom random) {
        this.machine = machine;
        this.clock = clock;
        this.random = random;
    }

    Expected expected() {
        return expected;
    }

    /** Writes that were begun. */
    long writes() {
        return stamps;
    }

    /** From now on they choose among the first so many blocks. */
    void among(int first) {
        blocks = first;
    }

    /** Their owner has ended: nobody hears of what was under way any more. */
    void abandon() {
        generation++;
        lines = 0;
        busy.clear();
    }

    void idle() {
        machine.expect(() -> lines == 0, () -> "answers to hosts");
    }

    void work(int count) {
        for (int i = 0; i < count; i++) {
            machine.expect(() -> lines < COUNT, () -> "an answer to a host");
            beginAny();
        }
    }

    void workFor(long ns) {
        workUntil(() -> false, ns);
    }

    /** Whoever waits for a store that is away waits no longer than this. */
    void workUntil(BooleanSupplier condition, long limitNs) {
        long endNs = clock.nowNs() + limitNs;
        while (!condition.getAsBoolean() && clock.nowNs() < endNs) {
            if (lines < COUNT) {
                beginAny();
            }
            long pauseNs = clock.nowNs() + 1 + random.nextLong(300_000);
            machine.run(
                    () -> condition.getAsBoolean() || clock.nowNs() >= pauseNs,
                    Math.min(pauseNs, endNs) - clock.nowNs());
        }
    }

    private void beginAny() {
        int kind = random.nextInt(12);
        int count = kind == 0 ? 12 : 1 + random.nextInt(3);
        int first = random.nextInt(random.nextInt(3) == 0 ? blocks - count : HOT);
        IoOp op = kind < 6 ? IoOp.WRITE : kind < 8 ? IoOp.UNMAP : IoOp.READ;
        for (int block = first; block < first + count; block++) {
            if (busy.contains(block)) {
                return;
            }
        }
        begin(op, first, count);
    }

    /** Of one block, if nobody is at it and there is a line for it. */
    void beginIfFree(IoOp op, int block) {
        if (lines < COUNT && !busy.contains(block)) {
            begin(op, block, 1);
        }
    }

    void begin(IoOp op, int first, int count) {
        long stamp = op == IoOp.WRITE ? ++stamps : Stamps.ZEROS;
        MemorySegment buffer =
                Arena.ofAuto().allocate((long) count * BlockDevice.BLOCK_BYTES, 4096);
        for (int i = 0; i < count; i++) {
            busy.add(first + i);
            if (op != IoOp.READ) {
                expected.begun(first + i, stamp);
            }
        }
        if (op == IoOp.WRITE) {
            Stamps.fillAll(buffer, BlockDevice.BLOCK_BYTES, first, count, stamp);
        }
        lines++;
        int of = generation;
        machine.submit(
                op,
                first,
                count,
                buffer,
                (request, status) -> {
                    if (of == generation) {
                        ended(op, first, count, stamp, buffer, status);
                    }
                });
    }

    private void ended(
            IoOp op, int first, int count, long stamp, MemorySegment buffer, IoStatus status) {
        if (status == IoStatus.NOT_SERVING) {
            return; // of an owner that is being stopped: it may happen or not
        }
        if (status != IoStatus.OK) {
            throw new AssertionError("%s of block %d ended with %s".formatted(op, first, status));
        }
        lines--;
        for (int i = 0; i < count; i++) {
            int block = first + i;
            busy.remove(block);
            if (op == IoOp.READ) {
                long found =
                        Stamps.read(
                                buffer,
                                (long) i * BlockDevice.BLOCK_BYTES,
                                BlockDevice.BLOCK_BYTES,
                                block);
                expected.seen(block, found);
            } else {
                expected.acknowledged(block, stamp);
            }
        }
        if (op == IoOp.READ) {
            giveBack(buffer, first);
        }
    }

    private void giveBack(MemorySegment buffer, int first) {
        buffer.fill(GIVEN_BACK);
        givenBack.add(buffer);
        if (givenBack.size() > WATCHED) {
            checkUntouched(givenBack.remove(), "some time before one of block " + first);
        }
    }

    /** Nothing is under way any more: memory of the last reads is as they left it, too. */
    void checkGivenBack() {
        for (; !givenBack.isEmpty(); givenBack.remove()) {
            checkUntouched(givenBack.element(), "one of the last");
        }
    }

    private static void checkUntouched(MemorySegment buffer, String which) {
        for (long at = 0; at < buffer.byteSize(); at += Byte.SIZE) {
            if (buffer.get(ValueLayout.JAVA_BYTE, at) != GIVEN_BACK) {
                throw new AssertionError(
                        "memory of a read was written to after it had ended, " + which);
            }
        }
    }

    void read(int block) {
        if (!busy.contains(block)) {
            begin(IoOp.READ, block, 1);
            machine.expect(() -> !busy.contains(block), () -> "the read of block " + block);
        }
    }
}
