package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntPredicate;

/**
 * The TCP connections of another process, which need not run: that one may be stopped, or wait for
 * a device. Whoever uses it must be allowed to trace that process, as its parent is unless a sysctl
 * or a container's seccomp profile forbids it. Any thread may use it, one at a time.
 */
public final class ProcessSockets implements AutoCloseable {
    private static final int SHUT_RDWR = 2;

    private final Path descriptors;
    private final int pidfd;

    private ProcessSockets(Path descriptors, int pidfd) {
        this.descriptors = descriptors;
        this.pidfd = pidfd;
    }

    /**
     * Of the process that has this number now. A parent that finds its child alive afterwards knows
     * that it is that one, and no other which got the number later.
     */
    public static ProcessSockets of(long pid) throws IOException {
        int pidfd = ProcessCalls.pidfdOpen((int) pid);
        if (pidfd < 0) {
            throw Linux.failure("cannot refer to process " + pid, pidfd);
        }
        return new ProcessSockets(Path.of("/proc/" + pid + "/fd"), pidfd);
    }

    /**
     * Shuts down the connections whose own port is one of these, in both directions: the other side
     * is told that they have ended, and so is the process when it runs again. Returns how many.
     * Sockets that listen go on, and connections that come from now on wait for the process.
     *
     * @throws IOException with what would allow it, when the kernel refuses
     */
    public int hangUp(IntPredicate ownPort) throws IOException {
        int ended = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path one : all) {
                if (isSocket(one)
                        && hangUp(Integer.parseInt(one.getFileName().toString()), ownPort)) {
                    ended++;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return ended;
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private boolean hangUp(int theirFd, IntPredicate ownPort) throws IOException {
        int fd = ProcessCalls.pidfdGetfd(pidfd, theirFd);
        if (fd == -Errno.EBADF) {
            return false;
        }
        if (fd < 0) {
            throw Linux.failure(
                    "the kernel refuses pidfd_getfd (see the sysctl kernel.yama.ptrace_scope; a"
                            + " container's seccomp profile may forbid it too)",
                    fd);
        }
        try {
            return isConnection(fd, ownPort) && SocketCalls.shutdown(fd, SHUT_RDWR) == 0;
        } finally {
            Linux.close(fd);
        }
    }

    /** Not one that listens, and none of a family without ports. */
    private static boolean isConnection(int fd, IntPredicate ownPort) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddressBytes.BYTES_MAX, Long.BYTES);
            MemorySegment bytes = arena.allocateFrom(JAVA_INT, SocketAddressBytes.BYTES_MAX);
            return SocketCalls.getsockname(fd, address, bytes) == 0
                    && SocketAddressBytes.isInternet(address)
                    && ownPort.test(SocketAddressBytes.decode(address).getPort())
                    && SocketCalls.getpeername(fd, address, bytes) == 0;
        }
    }

    @Override
    public void close() {
        Linux.close(pidfd);
    }
}
