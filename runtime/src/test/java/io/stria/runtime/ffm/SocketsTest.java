package io.stria.runtime.ffm;

import static io.stria.runtime.ffm.Binding.WITH_ERRNO;
import static io.stria.runtime.ffm.Binding.intOf;
import static io.stria.runtime.ffm.Binding.libc;
import static io.stria.runtime.ffm.LibC.errnoOr;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SocketsTest {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_USER_TIMEOUT = 18;
    private static final MethodHandle GETSOCKOPT =
            libc("getsockopt", intOf(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), WITH_ERRNO);

    /** Keep-alives alone do not, while something that was sent is on its way. */
    @Test
    void haveTheKernelEndWhatIsNotAnsweredForAMinute() {
        try (Arena arena = Arena.ofConfined()) {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 4420);
            int fd = Sockets.open(SocketAddressBytes.of(address, arena));
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            int result =
                    errnoOr(capture ->
                            (int)
                                    GETSOCKOPT.invokeExact(
                                            capture,
                                            fd,
                                            IPPROTO_TCP,
                                            TCP_USER_TIMEOUT,
                                            value,
                                            bytes));
            Linux.close(fd);
            assertEquals(0, result);
            assertEquals(60_000, value.get(JAVA_INT, 0));
        }
    }
}
