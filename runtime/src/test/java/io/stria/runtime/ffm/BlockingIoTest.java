package io.stria.runtime.ffm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockingIoTest {
    private static final int BYTES = 8192;

    @TempDir private Path directory = Path.of("");

    private final BlockingIo io = new BlockingIo();

    @Test
    void writesTheSameDurablyWithAndWithoutAKernelThatWritesThrough() throws IOException {
        byte[] through = new byte[BYTES];
        byte[] synced = new byte[BYTES];
        Arrays.fill(through, (byte) 1);
        Arrays.fill(synced, (byte) 2);
        Path path = directory.resolve("file");
        LinuxFile file = LinuxFile.open(path, 2 * BYTES, 4096, true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(BYTES, 4096).fill((byte) 1);
            assertEquals(BYTES, io.writeDurably(file.fd(), 0, memory.address(), BYTES));
            memory.fill((byte) 2);
            assertEquals(BYTES, io.writeAndSync(file.fd(), BYTES, memory.address(), BYTES));
            assertEquals(0, io.syncData(file.fd()));
            assertEquals(BYTES, io.read(file.fd(), 0, memory.address(), BYTES));
            assertArrayEquals(through, memory.toArray(ValueLayout.JAVA_BYTE));
        } finally {
            Linux.close(file.fd());
        }
        assertArrayEquals(synced, Arrays.copyOfRange(Files.readAllBytes(path), BYTES, 2 * BYTES));
    }

    @Test
    void tellsTheKernelsReasons() throws IOException {
        LinuxFile file = LinuxFile.open(directory.resolve("file"), BYTES, 4096, true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096, 4096);
            assertEquals(0, io.read(file.fd(), BYTES, memory.address(), 4096), "past the end");
            assertEquals(-Errno.EINVAL, io.read(file.fd(), -4096, memory.address(), 4096));
            assertEquals(-Errno.EINVAL, io.punchHole(file.fd(), 0, 0));
        } finally {
            Linux.close(file.fd());
        }
        assertEquals(-Errno.EBADF, io.read(-1, 0, 0, 4096));
        assertEquals(-Errno.EBADF, io.writeDurably(-1, 0, 0, 4096));
        assertEquals(-Errno.EBADF, io.writeAndSync(-1, 0, 0, 4096));
        assertEquals(-Errno.EBADF, io.syncData(-1));
    }
}
