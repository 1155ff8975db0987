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
    private static final int BACKLOG = 4096;

    private Sockets() {}

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
            setOption(fd, SOL_SOCKET, SO_REUSEADDR);
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
            sendAtOnce(fd);
        }
        return fd;
    }

    /** Turns off Nagle's algorithm: a reactor gathers what belongs together by itself. */
    public static void sendAtOnce(int fd) {
        setOption(fd, IPPROTO_TCP, TCP_NODELAY);
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

    private static void setOption(int fd, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
            int result = SocketCalls.setsockopt(fd, level, option, on, Integer.BYTES);
            assert result == 0 : "setsockopt: " + Errno.describe(-result);
        }
    }
}
