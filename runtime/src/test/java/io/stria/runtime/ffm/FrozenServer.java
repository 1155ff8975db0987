package io.stria.runtime.ffm;

import io.stria.runtime.Heartbeat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/**
 * Another process, made to be stopped: serves one connection on each of two ports, which it prints,
 * and goes on taking connections of the first. What it finds at the end of each it prints too. It
 * beats where its argument says, until it has said so.
 */
final class FrozenServer {
    static final long BEAT_NS = 4711;
    static final String ENDED = "ended";
    static final String ACCEPTED = "accepted";

    private FrozenServer() {}

    public static void main(String[] arguments) throws IOException {
        Heartbeat.watchedAt(Path.of(arguments[0])).beat(BEAT_NS);
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket first = new ServerSocket(0, 50, here);
                ServerSocket second = new ServerSocket(0, 50, here)) {
            System.out.println(first.getLocalPort());
            System.out.println(second.getLocalPort());
            Socket one = first.accept();
            Socket other = second.accept();
            System.out.println(ACCEPTED);
            int read = one.getInputStream().read();
            System.out.println(read < 0 ? ENDED : "read " + read);
            Socket again = first.accept();
            again.getOutputStream().write(again.getInputStream().read());
            other.getOutputStream().write(other.getInputStream().read());
        }
    }
}
