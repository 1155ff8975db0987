package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.CAPTURE_BYTES;
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
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of the C library that this package uses. Each returns what C returns, or a negative
 * errno. Only {@link #clockGettime} is critical: it never blocks.
 */
@SuppressWarnings("restricted")
final class LibC {
    private static final MethodHandle OPEN =
            libc("open", intOf(ADDRESS, JAVA_INT, JAVA_INT), WITH_ERRNO, variadicFrom(2));
    private static final MethodHandle CLOSE = libc("close", intOf(JAVA_INT), WITH_ERRNO);
    private static final MethodHandle LSEEK =
            libc("lseek", longOf(JAVA_INT, JAVA_LONG, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle FTRUNCATE =
            libc("ftruncate", intOf(JAVA_INT, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle FSYNC = libc("fsync", intOf(JAVA_INT), WITH_ERRNO);
    private static final MethodHandle FLOCK = libc("flock", intOf(JAVA_INT, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle IOCTL =
            libc("ioctl", intOf(JAVA_INT, JAVA_LONG, ADDRESS), WITH_ERRNO, variadicFrom(2));
    private static final MethodHandle EVENTFD =
            libc("eventfd", intOf(JAVA_INT, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle WRITE =
            libc("write", longOf(JAVA_INT, ADDRESS, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle PREAD =
            libc("pread", longOf(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle MMAP =
            libc(
                    "mmap",
                    longOf(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
                    WITH_ERRNO);
    private static final MethodHandle MUNMAP =
            libc("munmap", intOf(JAVA_LONG, JAVA_LONG), WITH_ERRNO);
    private static final MethodHandle MADVISE =
            libc("madvise", intOf(JAVA_LONG, JAVA_LONG, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle SCHED_SETAFFINITY =
            libc("sched_setaffinity", intOf(JAVA_INT, JAVA_LONG, ADDRESS), WITH_ERRNO);
    private static final MethodHandle SCHED_GETAFFINITY =
            libc("sched_getaffinity", intOf(JAVA_INT, JAVA_LONG, ADDRESS), WITH_ERRNO);
    private static final MethodHandle CLOCK_GETTIME =
            libc("clock_gettime", intOf(JAVA_INT, ADDRESS), Linker.Option.critical(false));
    private static final MethodHandle STRERROR =
            libc("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private static final long ERROR_TEXT_BYTES_MAX = 256;

    private LibC() {}

    static int open(MemorySegment path, int flags, int mode) {
        return errnoOr(capture -> (int) OPEN.invokeExact(capture, path, flags, mode));
    }

    static int close(int fd) {
        return errnoOr(capture -> (int) CLOSE.invokeExact(capture, fd));
    }

    static long lseek(int fd, long offset, int whence) {
        return errnoOrLong(capture -> (long) LSEEK.invokeExact(capture, fd, offset, whence));
    }

    static int ftruncate(int fd, long bytes) {
        return errnoOr(capture -> (int) FTRUNCATE.invokeExact(capture, fd, bytes));
    }

    static int fsync(int fd) {
        return errnoOr(capture -> (int) FSYNC.invokeExact(capture, fd));
    }

    static int flock(int fd, int operation) {
        return errnoOr(capture -> (int) FLOCK.invokeExact(capture, fd, operation));
    }

    static int ioctl(int fd, long request, MemorySegment argument) {
        return errnoOr(capture -> (int) IOCTL.invokeExact(capture, fd, request, argument));
    }

    static int eventfd(int initial, int flags) {
        return errnoOr(capture -> (int) EVENTFD.invokeExact(capture, initial, flags));
    }

    static long write(int fd, MemorySegment source, long bytes) {
        return errnoOrLong(capture -> (long) WRITE.invokeExact(capture, fd, source, bytes));
    }

    static long pread(int fd, MemorySegment target, long bytes, long offset) {
        return errnoOrLong(capture -> (long) PREAD.invokeExact(capture, fd, target, bytes, offset));
    }

    static long mmap(long bytes, int protection, int flags, int fd, long offset) {
        return errnoOrLong(capture ->
                (long) MMAP.invokeExact(capture, 0L, bytes, protection, flags, fd, offset));
    }

    static int munmap(long address, long bytes) {
        return errnoOr(capture -> (int) MUNMAP.invokeExact(capture, address, bytes));
    }

    static int madvise(long address, long bytes, int advice) {
        return errnoOr(capture -> (int) MADVISE.invokeExact(capture, address, bytes, advice));
    }

    static int schedSetaffinity(int tid, long maskBytes, MemorySegment mask) {
        return errnoOr(
                capture -> (int) SCHED_SETAFFINITY.invokeExact(capture, tid, maskBytes, mask));
    }

    static int schedGetaffinity(int tid, long maskBytes, MemorySegment mask) {
        return errnoOr(
                capture -> (int) SCHED_GETAFFINITY.invokeExact(capture, tid, maskBytes, mask));
    }

    static void clockGettime(int clockId, MemorySegment timespec) {
        try {
            int result = (int) CLOCK_GETTIME.invokeExact(clockId, timespec);
            assert result == 0 : "no clock " + clockId;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static String errorText(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(ERROR_TEXT_BYTES_MAX).getString(0);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int errnoOr(IntCall call) {
        return (int) errnoOrLong(call::invoke);
    }

    static long errnoOrLong(LongCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(CAPTURE_BYTES);
            long result = call.invoke(capture);
            return result == -1 ? -errno(capture) : result;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    private static Linker.Option variadicFrom(int argumentIndex) {
        return Linker.Option.firstVariadicArg(argumentIndex);
    }

    /** A call with its errno capture still to be given. */
    @FunctionalInterface
    interface IntCall {
        int invoke(MemorySegment capture) throws Throwable;
    }

    /** As {@link IntCall}, for functions that return a {@code long}. */
    @FunctionalInterface
    interface LongCall {
        long invoke(MemorySegment capture) throws Throwable;
    }
}
