package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What devices in memory promise on every engine. */
public abstract class MemoryFileContract extends BlockFileContract {
    private final Memory memory = new Memory();

    @Override
    protected BlockFile open() {
        return new MemoryFile(engine, memory, "device", FILE_BYTES, BLOCK_BYTES);
    }

    @Test
    protected void isBlankWhenItIsMadeAgain() {
        BlockFile first = open();
        assertEquals(BLOCK_BYTES, write(first, 0, random(1, BLOCK_BYTES), true));
        first.close();
        assertArrayEquals(new byte[BLOCK_BYTES], read(open(), 0, BLOCK_BYTES));
    }

    @Test
    protected void clearsExactlyWhatIsDiscarded() {
        BlockFile file = new MemoryFile(engine, memory, "device", FILE_BYTES, 512);
        byte[] data = random(2, 4 * BLOCK_BYTES);
        write(file, 0, data, true);
        long token = token();
        file.discard(512, 3 * BLOCK_BYTES, results::put, token);
        assertEquals(0, result(token));
        Arrays.fill(data, 512, 512 + 3 * BLOCK_BYTES, (byte) 0);
        assertArrayEquals(data, read(file, 0, data.length));
    }

    @Test
    protected void givesItsMemoryBackWhenTheLastAccessWasTold() {
        BlockFile file = open();
        MemorySegment buffer = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        long token = token();
        file.write(0, buffer, 0, BLOCK_BYTES, true, results::put, token);
        file.close();
        assertEquals(Map.of("device", FILE_BYTES), memory.outstandingBytes());
        assertEquals(BLOCK_BYTES, result(token));
        assertEquals(Map.of(), memory.outstandingBytes());
    }
}
