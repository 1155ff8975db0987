package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every engine promises about files. */
public abstract class EngineFileContract extends BlockFileContract {
    private static final BlockFile.Options SHARED =
            new BlockFile.Options(FILE_BYTES, BLOCK_BYTES, false);
    private static final BlockFile.Options EXCLUSIVE =
            new BlockFile.Options(FILE_BYTES, BLOCK_BYTES, true);

    @Override
    protected BlockFile open() throws IOException {
        return open(EXCLUSIVE);
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
    protected void keepsWhatWasWrittenWhenTheFileIsOpenedAgain() throws IOException {
        byte[] data = random(4, BLOCK_BYTES);
        BlockFile file = open(EXCLUSIVE);
        write(file, BLOCK_BYTES, data, true);
        file.close();
        world.settle();
        assertArrayEquals(data, read(open(EXCLUSIVE), BLOCK_BYTES, BLOCK_BYTES));
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

    private BlockFile open(BlockFile.Options options) throws IOException {
        return engine.openFile(world.path("file"), options);
    }

    private static boolean says(IOException refusal, String word) {
        return String.valueOf(refusal.getMessage()).contains(word);
    }
}
