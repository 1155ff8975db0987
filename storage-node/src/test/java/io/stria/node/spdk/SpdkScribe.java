package io.stria.node.spdk;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkEngine;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

/**
 * A process that writes blocks to a volume, or reads them and compares: {@code SpdkScribe ADDRESS
 * write|read SEED}. Says "all N blocks" at the end.
 */
public final class SpdkScribe {
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = 2_000;
    private static final int AT_ONCE = 16;
    private static final int SEEDS = 4;

    private final BlockFile file;
    private final MemorySegment buffers = Memory.untilCollected((long) AT_ONCE * BLOCK_BYTES);
    private final boolean writes;
    private final long seed;
    private int begun;
    private int ended;

    private SpdkScribe(BlockFile file, boolean writes, long seed) {
        this.file = file;
        this.writes = writes;
        this.seed = seed;
    }

    static void main(String[] arguments) throws Exception {
        SpdkAddress address = SpdkAddress.parse(arguments[0]);
        SpdkEngine engine =
                SpdkStart.over(new NioEngine(NioConfig.DEFAULT, new Memory()), List.of(address));
        SpdkScribe scribe =
                new SpdkScribe(
                        engine.open(address, BLOCK_BYTES),
                        arguments[1].equals("write"),
                        Long.parseLong(arguments[2]));
        for (int slot = 0; slot < AT_ONCE; slot++) {
            scribe.next(slot);
        }
        while (scribe.ended < BLOCKS) {
            if (engine.poll() == 0) {
                engine.await(1_000_000);
            }
        }
        engine.close();
        System.out.println("\nall " + BLOCKS + " blocks");
        Runtime.getRuntime().halt(0);
    }

    private void next(int slot) {
        if (begun == BLOCKS) {
            return;
        }
        int index = begun++;
        long offset = place(index) * BLOCK_BYTES;
        MemorySegment buffer = buffers.asSlice((long) slot * BLOCK_BYTES, BLOCK_BYTES);
        BlockFile.Completion completion = (token, result) -> onEnd(slot, index, result);
        if (writes) {
            buffer.copyFrom(content(index));
            file.write(offset, buffer, 0, BLOCK_BYTES, true, completion, index);
        } else {
            file.read(offset, buffer, 0, BLOCK_BYTES, completion, index);
        }
    }

    private void onEnd(int slot, int index, int result) {
        MemorySegment buffer = buffers.asSlice((long) slot * BLOCK_BYTES, BLOCK_BYTES);
        boolean good = result == BLOCK_BYTES && (writes || buffer.mismatch(content(index)) < 0);
        if (!good) {
            System.out.println("block " + index + " of seed " + seed + ": " + result);
            Runtime.getRuntime().halt(1);
        }
        ended++;
        next(slot);
    }

    /** All different, of all seeds together, and in 32 MiB: devices of a test are small. */
    private long place(int index) {
        return (long) index * SEEDS + Math.floorMod(seed, SEEDS);
    }

    private MemorySegment content(int index) {
        byte[] bytes = new byte[BLOCK_BYTES];
        new Random(seed * BLOCKS + index).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }
}
