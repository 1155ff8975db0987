package io.stria.runtime.ffm;

import io.stria.runtime.Durable;
import io.stria.runtime.Sizes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * A file or block device opened for aligned access.
 *
 * @param fd its descriptor, owned by whoever opened it
 * @param sizeBytes whole blocks of it
 * @param bypassesCache false where the file system knows no direct access
 */
public record LinuxFile(int fd, long sizeBytes, boolean bypassesCache) {
    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_DIRECT =
            System.getProperty("os.arch", "").equals("aarch64") ? 0x10000 : 0x4000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int MODE_OWNER_ONLY = 0600;
    private static final int SEEK_END = 2;
    private static final int LOCK_EX_NB = 2 | 4;
    private static final int S_IFMT = 0xf000;
    private static final int S_IFBLK = 0x6000;

    /**
     * How long a lock is waited for: the kernel lets go of the files of a killed process only when
     * its last operations have ended. Who starts at once after it would do without the device else.
     */
    private static final long LOCK_WAIT_NS = 5_000_000_000L;

    private static final long LOCK_RETRY_NS = 10_000_000L;

    /**
     * @param createBytes size of the file if it has to be made; 0: it must exist
     * @param blockBytes unit of all access
     * @param exclusive refuse when another opener is exclusive, in whatever process, and (for a
     *     block device) when the kernel itself uses it
     * @throws IOException in one sentence that begins with the path
     */
    public static LinuxFile open(Path path, long createBytes, int blockBytes, boolean exclusive)
            throws IOException {
        boolean device = isBlockDevice(path);
        int flags = O_RDWR | O_CLOEXEC | (device && exclusive ? O_EXCL : 0);
        boolean direct = true;
        int fd = openOrCreate(path, flags | O_DIRECT, createBytes);
        if (fd == -Errno.EINVAL) {
            direct = false;
            fd = openOrCreate(path, flags, createBytes);
        }
        if (fd < 0) {
            throw refused(path, fd, createBytes);
        }
        try {
            if (exclusive) {
                lock(path, fd);
            }
            long sizeBytes = device ? size(path, fd) : sizeOrExtend(path, fd, createBytes);
            checkSize(path, sizeBytes, createBytes, blockBytes);
            if (device) {
                checkDeviceBlock(path, fd, blockBytes);
            }
            checkAccess(path, fd, blockBytes);
            return new LinuxFile(fd, sizeBytes - sizeBytes % blockBytes, direct);
        } catch (IOException e) {
            LibC.close(fd);
            throw e;
        }
    }

    /**
     * Opens a file, reads its first block past the cache where that can be, and closes it again,
     * whatever comes of that; without its lock. Takes for ever where a device does not answer, so
     * whoever calls it has nothing else to do.
     *
     * @param blockBytes a multiple of the device's own
     */
    public static void readOnce(Path path, int blockBytes) {
        int fd = openOrCreate(path, O_CLOEXEC | O_DIRECT, 0);
        if (fd < 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            LibC.pread(fd, arena.allocate(blockBytes, blockBytes), blockBytes, 0);
        } finally {
            LibC.close(fd);
        }
    }

    private static boolean isBlockDevice(Path path) throws IOException {
        return Files.exists(path)
                && Files.getAttribute(path, "unix:mode") instanceof Integer mode
                && (mode & S_IFMT) == S_IFBLK;
    }

    private static int openOrCreate(Path path, int flags, long createBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            int create = createBytes > 0 ? O_CREAT : 0;
            return LibC.open(name, flags | ((flags & O_EXCL) == 0 ? create : 0), MODE_OWNER_ONLY);
        }
    }

    private static IOException refused(Path path, int result, long createBytes) {
        return switch (-result) {
            case Errno.ENOENT ->
                    new IOException(
                            path + (createBytes > 0 ? ": no such directory" : ": no such file"));
            case Errno.EBUSY ->
                    new IOException(path + ": in use by the kernel (mounted, or part of a volume)");
            default -> Linux.failure(path + ": cannot be opened", result);
        };
    }

    private static void lock(Path path, int fd) throws IOException {
        int result = LibC.flock(fd, LOCK_EX_NB);
        for (long waitedNs = 0; isRetried(result, waitedNs); waitedNs += LOCK_RETRY_NS) {
            LockSupport.parkNanos(LOCK_RETRY_NS);
            result = LibC.flock(fd, LOCK_EX_NB);
        }
        if (result == -Errno.EAGAIN) {
            throw new IOException(path + ": locked by another opener" + LockHolder.of(path));
        }
        if (result < 0) {
            throw Linux.failure(path + ": cannot be locked", result);
        }
    }

    private static boolean isRetried(int result, long waitedNs) {
        return result == -Errno.EINTR || (result == -Errno.EAGAIN && waitedNs < LOCK_WAIT_NS);
    }

    /** An empty file is one whose making was cut short, or that was made beforehand. */
    private static long sizeOrExtend(Path path, int fd, long createBytes) throws IOException {
        long sizeBytes = size(path, fd);
        if (sizeBytes > 0 || createBytes == 0) {
            return sizeBytes;
        }
        Durable.forceName(path); // while it is empty: whoever opens it next does the same
        int result = LibC.ftruncate(fd, createBytes);
        if (result < 0) {
            throw Linux.failure(
                    path + ": cannot be made " + Sizes.exact(createBytes) + " long", result);
        }
        LibC.fsync(fd);
        return createBytes;
    }

    private static long size(Path path, int fd) throws IOException {
        long sizeBytes = LibC.lseek(fd, 0, SEEK_END);
        if (sizeBytes < 0) {
            throw Linux.failure(path + ": cannot tell its size", sizeBytes);
        }
        return sizeBytes;
    }

    private static void checkSize(Path path, long sizeBytes, long createBytes, int blockBytes)
            throws IOException {
        if (sizeBytes < Math.max(createBytes, blockBytes)) {
            throw new IOException(
                    "%s: too small, %s of %s"
                            .formatted(
                                    path,
                                    Sizes.exact(sizeBytes),
                                    Sizes.exact(Math.max(createBytes, blockBytes))));
        }
    }

    private static void checkDeviceBlock(Path path, int fd, int blockBytes) throws IOException {
        int logical = DeviceBlocks.of(fd).logical();
        if (blockBytes % logical != 0) {
            throw new IOException(
                    "%s: its blocks have %d bytes, not %d".formatted(path, logical, blockBytes));
        }
    }

    /** Reads one block, so that a unit too small for the device shows now. */
    private static void checkAccess(Path path, int fd, int blockBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(blockBytes, blockBytes);
            long result = LibC.pread(fd, block, blockBytes, 0);
            if (result != blockBytes) {
                throw Linux.failure(
                        path + ": cannot be read in units of " + blockBytes + " bytes",
                        result < 0 ? result : -Errno.EIO);
            }
        }
    }
}
