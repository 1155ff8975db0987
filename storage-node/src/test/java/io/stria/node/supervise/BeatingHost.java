package io.stria.node.supervise;

import io.stria.runtime.Heartbeat;
import io.stria.runtime.ffm.BootClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/**
 * A process that stands for a node's: {@code PORT --heartbeat PATH}. It takes one connection at the
 * port, beats under a lease that has just ended, and ends when it hears that the connection has.
 */
final class BeatingHost {
    static final String READY = "ready";

    private BeatingHost() {}

    public static void main(String[] arguments) throws IOException {
        Heartbeat heartbeat = Heartbeat.watchedAt(Path.of(arguments[2]));
        BootClock clock = new BootClock();
        int port = Integer.parseInt(arguments[0]);
        try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                Socket host = connect(listener)) {
            heartbeat.leaseUntil(clock.nowNs());
            Thread beats =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> {
                                while (true) {
                                    heartbeat.beat(clock.nowNs());
                                    pause();
                                }
                            });
            System.out.println(READY);
            int end = host.getInputStream().read();
            beats.interrupt();
            System.exit(end < 0 ? 0 : 1);
        }
    }

    private static Socket connect(ServerSocket listener) throws IOException {
        System.out.println(READY);
        return listener.accept();
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
