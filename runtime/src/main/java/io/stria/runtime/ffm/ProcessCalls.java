package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.WITH_ERRNO;
import static io.stria.runtime.ffm.Binding.intOf;
import static io.stria.runtime.ffm.Binding.libc;
import static io.stria.runtime.ffm.Binding.longOf;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls about other processes. The C library does not wrap all of them everywhere; their numbers
 * are the same on every architecture. Negative errno on failure.
 */
final class ProcessCalls {
    private static final long PIDFD_OPEN_NUMBER = 434;
    private static final long PIDFD_GETFD_NUMBER = 438;

    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);
    private static final MethodHandle PIDFD_OPEN =
            libc("syscall", longOf(JAVA_LONG, JAVA_INT, JAVA_INT), WITH_ERRNO, VARIADIC);
    private static final MethodHandle PIDFD_GETFD =
            libc("syscall", longOf(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT), WITH_ERRNO, VARIADIC);
    private static final MethodHandle MEMFD_CREATE =
            libc("memfd_create", intOf(ADDRESS, JAVA_INT), WITH_ERRNO);

    private ProcessCalls() {}

    static int pidfdOpen(int pid) {
        return LibC.errnoOr(
                capture -> (int) (long) PIDFD_OPEN.invokeExact(capture, PIDFD_OPEN_NUMBER, pid, 0));
    }

    /** A descriptor of this process for what the other one has as {@code theirFd}. */
    static int pidfdGetfd(int pidfd, int theirFd) {
        return LibC.errnoOr(capture ->
                (int)
                        (long)
                                PIDFD_GETFD.invokeExact(
                                        capture, PIDFD_GETFD_NUMBER, pidfd, theirFd, 0));
    }

    static int memfdCreate(MemorySegment name, int flags) {
        return LibC.errnoOr(capture -> (int) MEMFD_CREATE.invokeExact(capture, name, flags));
    }
}
