package io.stria.runtime.ffm;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Memory that two processes of one user map: no file system is behind it, so writing to it never
 * waits for a disk, and nothing is left of it when both have ended. Any thread may call it.
 */
@SuppressWarnings("restricted")
public final class SharedMemory implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;
    private static final int O_RDWR_CLOEXEC = 2 | 0x80000;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED = 1;
    private static final int SEEK_END = 2;

    private final int fd;
    private final MemorySegment memory;

    private SharedMemory(int fd, MemorySegment memory) {
        this.fd = fd;
        this.memory = memory;
    }

    /**
     * Zeroed memory of whole pages.
     *
     * @param name for people who look at the process
     */
    public static SharedMemory create(String name, long bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = ProcessCalls.memfdCreate(arena.allocateFrom(name), MFD_CLOEXEC);
            if (fd < 0) {
                throw Linux.failure("cannot make memory to share", fd);
            }
            int sized = LibC.ftruncate(fd, bytes);
            if (sized < 0) {
                Linux.close(fd);
                throw Linux.failure("cannot make memory to share", sized);
            }
            return mapped(fd, bytes);
        }
    }

    /** Maps what another process of this user has created and not yet closed. */
    public static SharedMemory open(Path path, long bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = LibC.open(arena.allocateFrom(path.toString()), O_RDWR_CLOEXEC, 0);
            if (fd < 0) {
                throw Linux.failure("cannot open the memory " + path, fd);
            }
            // Memory behind the end of its file cannot be touched.
            if (LibC.lseek(fd, 0, SEEK_END) < bytes) {
                Linux.close(fd);
                throw new IOException("the memory " + path + " is shorter than " + bytes);
            }
            return mapped(fd, bytes);
        }
    }

    private static SharedMemory mapped(int fd, long bytes) throws IOException {
        long address = LibC.mmap(bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
        if (address < 0 && address > -Linux.PAGE_BYTES) {
            Linux.close(fd);
            throw Linux.failure("cannot map memory to share", address);
        }
        return new SharedMemory(fd, MemorySegment.ofAddress(address).reinterpret(bytes));
    }

    /** For {@link #open} in another process, as long as this one has not closed it. */
    public Path path() {
        return Path.of("/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), fd));
    }

    /** Must not be used once this is closed. */
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        Linux.unmap(memory);
        Linux.close(fd);
    }
}
