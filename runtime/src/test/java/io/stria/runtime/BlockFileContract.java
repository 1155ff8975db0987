package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every device promises, whatever it is made of. */
public abstract class BlockFileContract {
    protected static final int BLOCK_BYTES = 4096;
    protected static final long FILE_BYTES = 16L << 20;
    private static final int EBADF = 9;

    protected final Map<Long, Integer> results = new HashMap<>();
    protected final Arena arena = Arena.ofConfined();
    private long nextToken = 1;

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    protected EngineWorld world;

    @SuppressWarnings("NullAway.Init")
    protected Engine engine;

    protected abstract EngineWorld newWorld() throws IOException;

    /** A new one of {@link #FILE_BYTES} in blocks of {@link #BLOCK_BYTES}. */
    protected abstract BlockFile open() throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = newWorld();
        engine = world.newEngine();
    }

    @AfterEach
    void closeWorld() {
        world.close();
        arena.close();
    }

    @Test
    protected void readsBackWhatWasWrittenAnywhere() throws IOException {
        BlockFile file = open();
        byte[] first = random(1, BLOCK_BYTES);
        byte[] middle = random(2, 1 << 20);
        byte[] last = random(3, 3 * BLOCK_BYTES);
        assertEquals(first.length, write(file, 0, first, false));
        assertEquals(middle.length, write(file, 5 * BLOCK_BYTES, middle, false));
        assertEquals(last.length, write(file, FILE_BYTES - last.length, last, true));
        assertArrayEquals(first, read(file, 0, first.length));
        assertArrayEquals(middle, read(file, 5 * BLOCK_BYTES, middle.length));
        assertArrayEquals(last, read(file, FILE_BYTES - last.length, last.length));
    }

    @Test
    protected void usesThePartOfAMemoryThatItIsGiven() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(4 * BLOCK_BYTES, BLOCK_BYTES);
        memory.fill((byte) 7);
        long written = token();
        file.write(0, memory, BLOCK_BYTES, BLOCK_BYTES, false, results::put, written);
        assertEquals(BLOCK_BYTES, result(written));
        memory.fill((byte) 0);
        long read = token();
        file.read(0, memory, 2 * BLOCK_BYTES, BLOCK_BYTES, results::put, read);
        assertEquals(BLOCK_BYTES, result(read));
        for (int block = 0; block < 4; block++) {
            byte expected = (byte) (block == 2 ? 7 : 0);
            assertEquals(expected, memory.get(ValueLayout.JAVA_BYTE, block * BLOCK_BYTES + 99L));
        }
    }

    @Test
    protected void flushesWithResultZero() throws IOException {
        BlockFile file = open();
        write(file, 0, random(5, BLOCK_BYTES), false);
        long token = token();
        file.flush(results::put, token);
        assertEquals(0, result(token));
    }

    @Test
    protected void makesADiscardedRangeReadAsZerosOrAsBefore() throws IOException {
        BlockFile file = open();
        byte[] data = random(6, 4 * BLOCK_BYTES);
        write(file, 0, data, true);
        long token = token();
        file.discard(BLOCK_BYTES, 2 * BLOCK_BYTES, results::put, token);
        assertEquals(0, result(token));
        byte[] after = read(file, 0, data.length);
        for (int i = 0; i < after.length; i++) {
            boolean discarded = i >= BLOCK_BYTES && i < 3 * BLOCK_BYTES;
            assertTrue(after[i] == data[i] || (discarded && after[i] == 0), "byte " + i);
        }
    }

    @Test
    protected void completesEveryOneOfManyOperationsOnceWithItsToken() throws IOException {
        BlockFile file = open();
        int count = 1500;
        MemorySegment memory = arena.allocate(BLOCK_BYTES * 16L, BLOCK_BYTES);
        BitSet completed = new BitSet();
        BlockFile.Completion completion =
                (token, moved) -> {
                    assertEquals(token % 3 == 2 ? 0 : BLOCK_BYTES, moved);
                    assertTrue(!completed.get((int) token), "twice: " + token);
                    completed.set((int) token);
                };
        for (int i = 0; i < count; i++) {
            long offset = (long) (i % 512) * BLOCK_BYTES;
            switch (i % 3) {
                case 0 -> file.read(offset, memory, 0, BLOCK_BYTES, completion, i);
                case 1 ->
                        file.write(offset, memory, BLOCK_BYTES, BLOCK_BYTES, false, completion, i);
                default -> file.flush(completion, i);
            }
        }
        assertEquals(0, completed.cardinality(), "completions come from poll alone");
        world.until("all operations complete", () -> completed.cardinality() == count);
    }

    @Test
    protected void takesTheNextOperationFromWithinACompletion() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        long[] chain = {0};
        BlockFile.Completion next =
                new BlockFile.Completion() {
                    @Override
                    public void complete(long token, int result) {
                        assertEquals(BLOCK_BYTES, result);
                        chain[0] = token;
                        if (token < 200) {
                            long offset = token * BLOCK_BYTES;
                            file.read(offset, memory, 0, BLOCK_BYTES, this, token + 1);
                        }
                    }
                };
        file.read(0, memory, 0, BLOCK_BYTES, next, 0);
        world.until("200 reads in a row", () -> chain[0] == 200);
    }

    @Test
    protected void treatsMisalignedAccessAsABrokenInvariant() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(2 * BLOCK_BYTES, BLOCK_BYTES);
        BlockFile.Completion none = (token, result) -> {};
        assertBroken(() -> file.read(512, memory, 0, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.read(0, memory, 0, BLOCK_BYTES - 1, none, 1));
        assertBroken(() -> file.read(0, memory, 1, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.read(0, MemorySegment.ofArray(new long[512]), 0, 4096, none, 1));
        assertBroken(() -> file.write(0, memory, 0, 513, true, none, 1));
    }

    @Test
    protected void treatsAccessOutsideTheFileOrTheMemoryAsABrokenInvariant() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(2 * BLOCK_BYTES, BLOCK_BYTES);
        BlockFile.Completion none = (token, result) -> {};
        assertBroken(() -> file.read(FILE_BYTES, memory, 0, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.read(-BLOCK_BYTES, memory, 0, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.write(0, memory, BLOCK_BYTES, 2 * BLOCK_BYTES, true, none, 1));
        assertBroken(() -> file.discard(FILE_BYTES, BLOCK_BYTES, none, 1));
    }

    @Test
    protected void answersBadDescriptorToWhatIsAskedOfAClosedFile() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        file.close();
        long read = token();
        file.read(0, memory, 0, BLOCK_BYTES, results::put, read);
        long flush = token();
        file.flush(results::put, flush);
        assertEquals(Map.of(), results, "not from within the call");
        assertEquals(-EBADF, result(read));
        assertEquals(-EBADF, result(flush));
        file.close();
    }

    @Test
    protected void readsWhatWasWrittenHoweverAccessesOverlapInTime() throws IOException {
        long seed = Long.getLong("stria.seed", System.nanoTime());
        Random random = new Random(seed);
        BlockFile file = open();
        int blocks = 64;
        int steps = 2_000;
        byte[] written = new byte[blocks];
        BitSet busy = new BitSet();
        MemorySegment memory = arena.allocate((long) blocks * BLOCK_BYTES, BLOCK_BYTES);
        for (int step = 0; step < steps; step++) {
            int block = random.nextInt(blocks);
            world.until("block " + block + " is free", () -> !busy.get(block));
            long offset = (long) block * BLOCK_BYTES;
            MemorySegment own = memory.asSlice(offset, BLOCK_BYTES);
            busy.set(block);
            boolean writes = random.nextBoolean();
            if (writes) {
                written[block] = (byte) random.nextInt();
                own.fill(written[block]);
                file.write(
                        offset,
                        memory,
                        offset,
                        BLOCK_BYTES,
                        random.nextInt(8) == 0,
                        (t, r) -> {
                            assertEquals(BLOCK_BYTES, r, "-Dstria.seed=" + seed);
                            own.fill((byte) 0x5a);
                            busy.clear(block);
                        },
                        step);
            } else {
                byte expected = written[block];
                file.read(
                        offset,
                        memory,
                        offset,
                        BLOCK_BYTES,
                        (t, r) -> {
                            assertEquals(BLOCK_BYTES, r, "-Dstria.seed=" + seed);
                            for (long i = 0; i < BLOCK_BYTES; i++) {
                                byte read = own.get(ValueLayout.JAVA_BYTE, i);
                                assertEquals(expected, read, "-Dstria.seed=" + seed);
                            }
                            busy.clear(block);
                        },
                        step);
            }
            if (random.nextInt(4) == 0) {
                world.step();
            }
        }
        world.until("all accesses complete", busy::isEmpty);
    }

    @Test
    protected void makesAFileOfTheSizeAskedForThatReadsAsZeros() throws IOException {
        BlockFile file = open();
        assertEquals(FILE_BYTES, file.sizeBytes());
        assertEquals(BLOCK_BYTES, file.blockBytes());
        assertArrayEquals(new byte[8192], read(file, FILE_BYTES - 8192, 8192));
    }

    @Test
    protected void completesWhatIsInFlightBeforeACloseTakesEffect() throws IOException {
        BlockFile file = open();
        MemorySegment memory = arena.allocate(1 << 20, BLOCK_BYTES);
        for (long token = 1; token <= 10; token++) {
            file.write(0, memory, 0, 1 << 20, true, results::put, token);
        }
        file.close();
        world.until("10 writes complete", () -> results.size() == 10);
        assertTrue(
                results.values().stream().allMatch(moved -> moved == 1 << 20), results::toString);
    }

    protected final int write(BlockFile file, long offset, byte[] data, boolean durable) {
        MemorySegment memory = arena.allocate(data.length, BLOCK_BYTES);
        memory.copyFrom(MemorySegment.ofArray(data));
        long token = token();
        file.write(offset, memory, 0, data.length, durable, results::put, token);
        return result(token);
    }

    protected final byte[] read(BlockFile file, long offset, int length) {
        MemorySegment memory = arena.allocate(length, BLOCK_BYTES);
        memory.fill((byte) 0x5a);
        long token = token();
        file.read(offset, memory, 0, length, results::put, token);
        assertEquals(length, result(token));
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    protected final long token() {
        return nextToken++;
    }

    protected final int result(long token) {
        world.until("operation " + token + " completes", () -> results.containsKey(token));
        return results.getOrDefault(token, Integer.MIN_VALUE);
    }

    protected static void assertBroken(Runnable access) {
        assertThrows(AssertionError.class, access::run);
    }

    protected static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
