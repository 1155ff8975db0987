package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** TCP sockets as descriptors for an {@link IoUring}. Nothing here blocks. */
public final class Sockets {
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_KEEPALIVE = 9;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int TCP_USER_TIMEOUT = 18;
    private static final int BACKLOG = 4096;

    private Sockets() {}

    /** A peer is asked whether it is still there after so long without a word from it, ... */
    public static final int IDLE_SECONDS = 30;

    /** ... again after so long without an answer, ... */
    public static final int PROBE_SECONDS = 10;

    /** ... and taken for gone after so many. */
    public static final int PROBES = 3;

    /** What was sent may stay unanswered for so long: as long as a silent peer takes in all. */
    static final int UNANSWERED_MS = (IDLE_SECONDS + PROBES * PROBE_SECONDS) * 1000;

    /** A socket that listens on the address. */
    public static int listen(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + address + ": no such host");
        }
        try (Arena arena = Arena.ofConfined()) {
            SocketAddressBytes bytes = SocketAddressBytes.of(address, arena);
            int fd = open(bytes.family());
            if (fd < 0) {
                throw Linux.failure("cannot open a socket for " + address, fd);
            }
            setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            int result = SocketCalls.bind(fd, bytes.memory(), bytes.length());
            if (result == 0) {
                result = SocketCalls.listen(fd, BACKLOG);
            }
            if (result < 0) {
                Linux.close(fd);
                throw Linux.failure("cannot listen on " + address, result);
            }
            return fd;
        }
    }

    /** A socket that can be connected to the address, or a negative errno. */
    public static int open(SocketAddressBytes address) {
        int fd = open(address.family());
        if (fd >= 0) {
            prepare(fd);
        }
        return fd;
    }

    /**
     * Turns off Nagle's algorithm, since a reactor gathers what belongs together by itself, and has
     * the kernel find out when the peer has gone without a word: half-open connections end, also
     * those that no timeout of a protocol guards. Nobody is asked while something that was sent is
     * unanswered: without a limit of its own it would be sent again for a quarter of an hour.
     */
    public static void prepare(int fd) {
        setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_SECONDS);
        setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_SECONDS);
        setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
        setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNANSWERED_MS);
        setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    }

    public static InetSocketAddress localAddress(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddressBytes.BYTES_MAX, Long.BYTES);
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, SocketAddressBytes.BYTES_MAX);
            return decoded(SocketCalls.getsockname(fd, address, bytes), address);
        }
    }

    /** Fails on a socket that is not connected any more. */
    public static InetSocketAddress remoteAddress(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddressBytes.BYTES_MAX, Long.BYTES);
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, SocketAddressBytes.BYTES_MAX);
            return decoded(SocketCalls.getpeername(fd, address, bytes), address);
        }
    }

    private static int open(int family) {
        return SocketCalls.socket(family, SOCK_STREAM_CLOEXEC, 0);
    }

    private static InetSocketAddress decoded(int result, MemorySegment address) throws IOException {
        if (result < 0) {
            throw Linux.failure("cannot tell a socket's address", result);
        }
        return SocketAddressBytes.decode(address);
    }

    private static void setOption(int fd, int level, int option, int to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(JAVA_INT, to);
            int result = SocketCalls.setsockopt(fd, level, option, value, Integer.BYTES);
            assert result == 0 : "setsockopt: " + Errno.describe(-result);
        }
    }
}
