package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The blocks of a block device, in bytes.
 *
 * @param logical the least that it can be asked for
 * @param physical what it writes at once, a multiple of {@code logical}: when power fails, what was
 *     being written of such a block may take the rest of it along
 */
public record DeviceBlocks(int logical, int physical) {
    private static final int SECTOR_BYTES = 512;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final long BLKSSZGET = 0x1268;
    private static final long BLKPBSZGET = 0x127b;

    /**
     * Of the device with this name; 512 and 512 of anything else, such as a file.
     *
     * @throws IOException in one sentence that begins with the path: it cannot be opened
     */
    public static DeviceBlocks of(String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = LibC.open(arena.allocateFrom(path), O_RDONLY_CLOEXEC, 0);
            if (fd < 0) {
                throw Linux.failure(path + ": cannot be opened", fd);
            }
            try {
                return of(fd);
            } finally {
                LibC.close(fd);
            }
        }
    }

    /** The same of an open descriptor. */
    static DeviceBlocks of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            int logical = ask(arena, fd, BLKSSZGET);
            return new DeviceBlocks(logical, Math.max(logical, ask(arena, fd, BLKPBSZGET)));
        }
    }

    private static int ask(Arena arena, int fd, long request) {
        MemorySegment bytes = arena.allocate(JAVA_INT);
        return LibC.ioctl(fd, request, bytes) == 0 ? bytes.get(JAVA_INT, 0) : SECTOR_BYTES;
    }
}
