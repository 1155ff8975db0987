package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.WITH_ERRNO;
import static io.stria.runtime.ffm.Binding.errno;
import static io.stria.runtime.ffm.Binding.impossible;
import static io.stria.runtime.ffm.Binding.libc;
import static io.stria.runtime.ffm.Binding.longOf;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The three system calls of io_uring, which C libraries do not wrap. Their numbers are the same on
 * every architecture. Each returns what the kernel returns, or a negative errno. None is critical:
 * entering the ring may sleep, and the JVM must be able to reach a safepoint meanwhile.
 */
@SuppressWarnings("restricted")
final class UringCalls {
    private static final long SETUP_NUMBER = 425;
    private static final long ENTER_NUMBER = 426;
    private static final long REGISTER_NUMBER = 427;

    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);
    private static final MethodHandle SETUP =
            libc("syscall", longOf(JAVA_LONG, JAVA_INT, ADDRESS), WITH_ERRNO, VARIADIC);
    private static final MethodHandle ENTER =
            libc(
                    "syscall",
                    longOf(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG),
                    WITH_ERRNO,
                    VARIADIC);
    private static final MethodHandle REGISTER =
            libc(
                    "syscall",
                    longOf(JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                    WITH_ERRNO,
                    VARIADIC);

    private UringCalls() {}

    static int setup(int entries, MemorySegment parameters) {
        return LibC.errnoOr(capture ->
                (int) (long) SETUP.invokeExact(capture, SETUP_NUMBER, entries, parameters));
    }

    static int register(int fd, int opcode, MemorySegment argument, int count) {
        return LibC.errnoOr(capture ->
                (int)
                        (long)
                                REGISTER.invokeExact(
                                        capture, REGISTER_NUMBER, fd, opcode, argument, count));
    }

    /** The only one called for every turn of a reactor, so it takes its errno memory along. */
    static int enter(
            MemorySegment capture,
            int fd,
            int submissions,
            int completionsMin,
            int flags,
            MemorySegment argument,
            long argumentBytes) {
        try {
            long result =
                    (long)
                            ENTER.invokeExact(
                                    capture,
                                    ENTER_NUMBER,
                                    fd,
                                    submissions,
                                    completionsMin,
                                    flags,
                                    argument,
                                    argumentBytes);
            return result >= 0 ? (int) result : -errno(capture);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }
}
