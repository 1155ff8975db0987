package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine promises about files. */
public abstract class EngineFileContract {
    private static final int EBADF = 9;
    private static final int BLOCK_BYTES = 4096;
    private static final long FILE_BYTES = 16L << 20;
    private static final BlockFile.Options SHARED =
            new BlockFile.Options(FILE_BYTES, BLOCK_BYTES, false);
    private static final BlockFile.Options EXCLUSIVE =
            new BlockFile.Options(FILE_BYTES, BLOCK_BYTES, true);

    private final Map<Long, Integer> results = new HashMap<>();
    private final Arena arena = Arena.ofConfined();
    private long nextToken = 1;

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private EngineWorld world;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    protected abstract EngineWorld newWorld() throws IOException;

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
    protected void makesAFileOfTheSizeAskedForThatReadsAsZeros() throws IOException {
        BlockFile file = open(EXCLUSIVE);
        assertEquals(FILE_BYTES, file.sizeBytes());
        assertEquals(BLOCK_BYTES, file.blockBytes());
        assertArrayEquals(new byte[8192], read(file, FILE_BYTES - 8192, 8192));
    }

    @Test
    protected void refusesAMissingFileThatItMayNotMake() {
        Path missing = world.path("missing");
        IOException refusal =
                assertThrows(
                        IOException.class,
                        () ->
                                engine.openFile(
                                        missing, new BlockFile.Options(0, BLOCK_BYTES, true)));
        assertTrue(says(refusal, missing.toString()), refusal::toString);
    }

    @Test
    protected void refusesAFileThatIsTooSmallAndLeavesItAsItIs() throws IOException {
        open(EXCLUSIVE).close();
        world.settle();
        assertThrows(
                IOException.class,
                () -> open(new BlockFile.Options(2 * FILE_BYTES, BLOCK_BYTES, true)));
        BlockFile again = open(new BlockFile.Options(0, BLOCK_BYTES, true));
        assertEquals(FILE_BYTES, again.sizeBytes());
    }

    @Test
    protected void keepsTheSizeOfALargerFile() throws IOException {
        open(EXCLUSIVE).close();
        world.settle();
        BlockFile again = open(new BlockFile.Options(FILE_BYTES / 2, BLOCK_BYTES, true));
        assertEquals(FILE_BYTES, again.sizeBytes());
    }

    @Test
    protected void readsBackWhatWasWrittenAnywhere() throws IOException {
        BlockFile file = open(EXCLUSIVE);
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
        BlockFile file = open(EXCLUSIVE);
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
    protected void keepsWhatWasWrittenWhenTheFileIsOpenedAgain() throws IOException {
        byte[] data = random(4, BLOCK_BYTES);
        BlockFile file = open(EXCLUSIVE);
        write(file, BLOCK_BYTES, data, true);
        file.close();
        world.settle();
        assertArrayEquals(data, read(open(EXCLUSIVE), BLOCK_BYTES, BLOCK_BYTES));
    }

    @Test
    protected void flushesWithResultZero() throws IOException {
        BlockFile file = open(EXCLUSIVE);
        write(file, 0, random(5, BLOCK_BYTES), false);
        long token = token();
        file.flush(results::put, token);
        assertEquals(0, result(token));
    }

    @Test
    protected void makesADiscardedRangeReadAsZerosOrAsBefore() throws IOException {
        BlockFile file = open(EXCLUSIVE);
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
        BlockFile file = open(EXCLUSIVE);
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
        BlockFile file = open(EXCLUSIVE);
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
        BlockFile file = open(EXCLUSIVE);
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
        BlockFile file = open(EXCLUSIVE);
        MemorySegment memory = arena.allocate(2 * BLOCK_BYTES, BLOCK_BYTES);
        BlockFile.Completion none = (token, result) -> {};
        assertBroken(() -> file.read(FILE_BYTES, memory, 0, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.read(-BLOCK_BYTES, memory, 0, BLOCK_BYTES, none, 1));
        assertBroken(() -> file.write(0, memory, BLOCK_BYTES, 2 * BLOCK_BYTES, true, none, 1));
        assertBroken(() -> file.discard(FILE_BYTES, BLOCK_BYTES, none, 1));
    }

    @Test
    protected void refusesASecondExclusiveOpenerUntilTheFirstHasClosed() throws IOException {
        BlockFile first = open(EXCLUSIVE);
        Engine other = world.newEngine();
        Path path = world.path("file");
        IOException refusal =
                assertThrows(IOException.class, () -> other.openFile(path, EXCLUSIVE));
        assertTrue(says(refusal, path.toString()), refusal::toString);
        first.close();
        world.settle();
        assertEquals(FILE_BYTES, other.openFile(path, EXCLUSIVE).sizeBytes());
    }

    @Test
    protected void opensAFileTwiceWhenNobodyAsksForExclusion() throws IOException {
        byte[] data = random(7, BLOCK_BYTES);
        write(open(SHARED), 0, data, true);
        assertArrayEquals(data, read(open(SHARED), 0, BLOCK_BYTES));
    }

    @Test
    protected void completesWhatIsInFlightBeforeACloseTakesEffect() throws IOException {
        BlockFile file = open(EXCLUSIVE);
        MemorySegment memory = arena.allocate(1 << 20, BLOCK_BYTES);
        for (long token = 1; token <= 10; token++) {
            file.write(0, memory, 0, 1 << 20, true, results::put, token);
        }
        file.close();
        world.until("10 writes complete", () -> results.size() == 10);
        assertTrue(
                results.values().stream().allMatch(moved -> moved == 1 << 20), results::toString);
        world.settle();
        open(EXCLUSIVE);
    }

    @Test
    protected void answersBadDescriptorToWhatIsAskedOfAClosedFile() throws IOException {
        BlockFile file = open(EXCLUSIVE);
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
    protected void finishesWhatIsInFlightWhenTheEngineClosesWithoutTellingOfIt()
            throws IOException {
        Engine closing = world.newEngine();
        Path path = world.path("file");
        BlockFile file = closing.openFile(path, EXCLUSIVE);
        MemorySegment memory = arena.allocate(1 << 20, BLOCK_BYTES);
        memory.fill((byte) 9);
        for (int i = 0; i < 10; i++) {
            file.write((long) i << 20, memory, 0, 1 << 20, true, results::put, i);
        }
        closing.close();
        memory.fill((byte) 7);
        assertEquals(0, closing.poll());
        closing.wake();
        world.settle();
        assertEquals(Map.of(), results);
        byte[] found = read(open(EXCLUSIVE), 0, 10 << 20);
        for (int i = 0; i < found.length; i++) {
            if (found[i] != 0 && found[i] != 9) {
                throw new AssertionError("memory was read after the close, at byte " + i);
            }
        }
    }

    @Test
    protected void readsWhatWasWrittenHoweverAccessesOverlapInTime() throws IOException {
        long seed = Long.getLong("stria.seed", System.nanoTime());
        Random random = new Random(seed);
        BlockFile file = open(EXCLUSIVE);
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

    private BlockFile open(BlockFile.Options options) throws IOException {
        return engine.openFile(world.path("file"), options);
    }

    private int write(BlockFile file, long offset, byte[] data, boolean durable) {
        MemorySegment memory = arena.allocate(data.length, BLOCK_BYTES);
        memory.copyFrom(MemorySegment.ofArray(data));
        long token = token();
        file.write(offset, memory, 0, data.length, durable, results::put, token);
        return result(token);
    }

    private byte[] read(BlockFile file, long offset, int length) {
        MemorySegment memory = arena.allocate(length, BLOCK_BYTES);
        memory.fill((byte) 0x5a);
        long token = token();
        file.read(offset, memory, 0, length, results::put, token);
        assertEquals(length, result(token));
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    private long token() {
        return nextToken++;
    }

    private int result(long token) {
        world.until("operation " + token + " completes", () -> results.containsKey(token));
        return results.getOrDefault(token, Integer.MIN_VALUE);
    }

    private static void assertBroken(Runnable access) {
        assertThrows(AssertionError.class, access::run);
    }

    private static boolean says(IOException refusal, String word) {
        return String.valueOf(refusal.getMessage()).contains(word);
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
