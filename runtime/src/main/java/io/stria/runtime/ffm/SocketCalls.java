package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.WITH_ERRNO;
import static io.stria.runtime.ffm.Binding.intOf;
import static io.stria.runtime.ffm.Binding.libc;
import static io.stria.runtime.ffm.LibC.errnoOr;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The C library's socket functions, none of which blocks here; negative errno on failure. */
final class SocketCalls {
    private static final MethodHandle SOCKET =
            libc("socket", intOf(JAVA_INT, JAVA_INT, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle BIND =
            libc("bind", intOf(JAVA_INT, ADDRESS, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle LISTEN =
            libc("listen", intOf(JAVA_INT, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle SETSOCKOPT =
            libc("setsockopt", intOf(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), WITH_ERRNO);
    private static final MethodHandle GETSOCKNAME =
            libc("getsockname", intOf(JAVA_INT, ADDRESS, ADDRESS), WITH_ERRNO);
    private static final MethodHandle GETPEERNAME =
            libc("getpeername", intOf(JAVA_INT, ADDRESS, ADDRESS), WITH_ERRNO);

    private static final MethodHandle SHUTDOWN =
            libc("shutdown", intOf(JAVA_INT, JAVA_INT), WITH_ERRNO);

    private SocketCalls() {}

    static int socket(int domain, int type, int protocol) {
        return errnoOr(capture -> (int) SOCKET.invokeExact(capture, domain, type, protocol));
    }

    static int bind(int fd, MemorySegment address, int bytes) {
        return errnoOr(capture -> (int) BIND.invokeExact(capture, fd, address, bytes));
    }

    static int listen(int fd, int backlog) {
        return errnoOr(capture -> (int) LISTEN.invokeExact(capture, fd, backlog));
    }

    static int setsockopt(int fd, int level, int name, MemorySegment value, int bytes) {
        return errnoOr(
                capture -> (int) SETSOCKOPT.invokeExact(capture, fd, level, name, value, bytes));
    }

    static int getsockname(int fd, MemorySegment address, MemorySegment bytes) {
        return errnoOr(capture -> (int) GETSOCKNAME.invokeExact(capture, fd, address, bytes));
    }

    static int getpeername(int fd, MemorySegment address, MemorySegment bytes) {
        return errnoOr(capture -> (int) GETPEERNAME.invokeExact(capture, fd, address, bytes));
    }

    static int shutdown(int fd, int how) {
        return errnoOr(capture -> (int) SHUTDOWN.invokeExact(capture, fd, how));
    }
}
