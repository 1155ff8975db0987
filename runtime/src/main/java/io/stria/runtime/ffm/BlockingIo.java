package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.WITH_ERRNO;
import static io.stria.runtime.ffm.Binding.errno;
import static io.stria.runtime.ffm.Binding.impossible;
import static io.stria.runtime.ffm.Binding.intOf;
import static io.stria.runtime.ffm.Binding.libc;
import static io.stria.runtime.ffm.Binding.longOf;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Access to files that waits for the device: for threads that have nothing else to do. Each thread
 * makes its own, which then allocates nothing. Every call returns a count or a negative errno. None
 * is critical, so that the JVM reaches a safepoint while a device is slow.
 */
@SuppressWarnings("restricted")
public final class BlockingIo {
    private static final MethodHandle PREAD =
            libc("pread", longOf(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle PWRITE =
            libc("pwrite", longOf(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle PWRITEV2 =
            libc("pwritev2", longOf(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle FDATASYNC = libc("fdatasync", intOf(JAVA_INT), WITH_ERRNO);
    private static final MethodHandle FALLOCATE =
            libc("fallocate", intOf(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), WITH_ERRNO);

    private static final int RWF_DSYNC = 2;
    private static final int FALLOC_KEEP_SIZE_PUNCH_HOLE = 1 | 2;
    private static final int IOVEC_BYTES = 16;

    private final MemorySegment capture = Arena.ofAuto().allocate(Binding.CAPTURE_BYTES, 8);
    private final MemorySegment vector = Arena.ofAuto().allocate(IOVEC_BYTES, 8);

    public int read(int fd, long offset, long address, long length) {
        try {
            return result((long) PREAD.invokeExact(capture, fd, address, length, offset));
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    public int write(int fd, long offset, long address, long length) {
        try {
            return result((long) PWRITE.invokeExact(capture, fd, address, length, offset));
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Returns when what it wrote would survive a power cut. */
    public int writeDurably(int fd, long offset, long address, long length) {
        int written = writeThrough(fd, offset, address, length);
        return written == -Errno.EOPNOTSUPP || written == -Errno.ENOSYS
                ? writeAndSync(fd, offset, address, length)
                : written;
    }

    /** Makes completed writes, and what is needed to read them, survive a power cut. */
    public int syncData(int fd) {
        try {
            return result((int) FDATASYNC.invokeExact(capture, fd));
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    public int punchHole(int fd, long offset, long length) {
        try {
            return result(
                    (int)
                            FALLOCATE.invokeExact(
                                    capture, fd, FALLOC_KEEP_SIZE_PUNCH_HOLE, offset, length));
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** For kernels, real or imitated, that do not know how to write through. */
    int writeAndSync(int fd, long offset, long address, long length) {
        int written = write(fd, offset, address, length);
        int synced = written > 0 ? syncData(fd) : 0;
        return synced < 0 ? synced : written;
    }

    private int writeThrough(int fd, long offset, long address, long length) {
        vector.set(JAVA_LONG, 0, address);
        vector.set(JAVA_LONG, 8, length);
        try {
            return result((long) PWRITEV2.invokeExact(capture, fd, vector, 1, offset, RWF_DSYNC));
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    private int result(long returned) {
        return returned == -1 ? -errno(capture) : (int) returned;
    }
}
