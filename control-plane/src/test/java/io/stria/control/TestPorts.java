package io.stria.control;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * Ports for servers that are told theirs, and may be closed and begin again at the same one. None
 * of them is a port that the kernel gives to whoever connects or asks for any, and none belongs to
 * another process that runs tests: each process has a block, whose first port it keeps bound.
 */
public final class TestPorts {
    /** Below those that other modules' tests look for, and those of Linux's range for clients. */
    private static final int FIRST = 10_000;

    private static final int END = 20_000;
    private static final int BLOCK = 400;

    private static @Nullable ServerSocket claim;
    private static int next;

    private TestPorts() {}

    /** One that nobody listens at, and that this process is given again long after. */
    public static synchronized int free() throws IOException {
        if (claim == null) {
            claim = claimed();
        }
        for (int tried = 1; tried < BLOCK; tried++) {
            next = next % (BLOCK - 1) + 1;
            try (ServerSocket free = bound(claim.getLocalPort() + next)) {
                return free.getLocalPort();
            } catch (IOException e) {
                // Somebody listens there.
            }
        }
        throw new IOException("no port is free from " + claim.getLocalPort() + " on");
    }

    private static ServerSocket claimed() throws IOException {
        for (int port = FIRST; port < END; port += BLOCK) {
            try {
                return bound(port);
            } catch (IOException e) {
                // Another process has that block.
            }
        }
        throw new IOException("no block of ports is free from " + FIRST + " to " + END);
    }

    private static ServerSocket bound(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
    }
}
