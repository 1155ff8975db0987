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
 * port, beats under a lease that has just ended, and ends when it hears that the connection has. It
 * says then whether a beat was late.
 */
final class BeatingHost {
    static final String READY = "ready";
    static final String IN_TIME = "in time";

    /** For so long that it may be taken for one that stands still. */
    static final String STOOD_STILL = "stood still";

    /** The number that it has registered as. */
    static final long INCARNATION = 4711;

    private static final long LATE_NS = 1_000_000_000;

    private final BootClock clock = new BootClock();
    private final Heartbeat heartbeat;
    private volatile long beatNs;
    private volatile boolean late;

    private BeatingHost(Heartbeat heartbeat) {
        this.heartbeat = heartbeat;
    }

    public static void main(String[] arguments) throws IOException {
        BeatingHost node = new BeatingHost(Heartbeat.watchedAt(Path.of(arguments[2])));
        int port = Integer.parseInt(arguments[0]);
        try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                Socket host = connect(listener)) {
            node.heartbeat.registersAs(INCARNATION);
            node.heartbeat.leaseUntil(node.clock.nowNs());
            Thread.ofPlatform().daemon().start(node::beats);
            System.out.println(READY);
            int end = host.getInputStream().read();
            System.out.println(node.isLate() ? STOOD_STILL : IN_TIME);
            System.exit(end < 0 ? 0 : 1);
        }
    }

    private void beats() {
        beatNs = clock.nowNs();
        while (true) {
            long nowNs = clock.nowNs();
            heartbeat.beat(nowNs);
            late = isLate();
            beatNs = nowNs;
            pause();
        }
    }

    /** From before the last beat until after this one: nobody can have waited for it longer. */
    private boolean isLate() {
        return late || clock.nowNs() - beatNs > LATE_NS;
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
