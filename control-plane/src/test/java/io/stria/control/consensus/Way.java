package io.stria.control.consensus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The way from one voter to another, which can be cut: then bytes vanish and nobody is told. What
 * was open meanwhile stays so after the way has healed, as TCP leaves it when its next try is far
 * away; only what is opened anew goes through.
 */
final class Way implements Closeable {
    private final ServerSocket entrance;
    private final int exitPort;
    private final Set<Socket> hung = new HashSet<>();
    private final List<Socket> open = new ArrayList<>();
    private boolean isCut;

    /** 0 until somebody comes this way after it has healed. */
    private long usedAgainNs;

    Way(int exitPort) throws IOException {
        this.exitPort = exitPort;
        entrance = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    synchronized void cut() {
        isCut = true;
        hung.addAll(open);
    }

    synchronized void heal() {
        isCut = false;
        usedAgainNs = 0;
    }

    /** When the first connection was made since it healed; 0 if none was. */
    synchronized long usedAgainNs() {
        return usedAgainNs;
    }

    private void accept() {
        try {
            while (true) {
                Socket near = entrance.accept();
                if (isOpen(near)) {
                    Socket far = new Socket("127.0.0.1", exitPort);
                    keep(far);
                    Thread.ofVirtual().start(() -> copy(near, far, near));
                    Thread.ofVirtual().start(() -> copy(far, near, near));
                }
            }
        } catch (IOException e) {
            // The test is over, or that voter has ended.
        }
    }

    private synchronized boolean isOpen(Socket near) {
        open.add(near);
        if (!isCut && usedAgainNs == 0) {
            usedAgainNs = System.nanoTime();
        }
        return !isCut || !hung.add(near);
    }

    private synchronized void keep(Socket far) {
        open.add(far);
    }

    private synchronized boolean passes(Socket near) {
        return !hung.contains(near);
    }

    private void copy(Socket source, Socket target, Socket near) {
        byte[] bytes = new byte[1 << 16];
        try {
            InputStream in = source.getInputStream();
            OutputStream out = target.getOutputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                if (passes(near)) {
                    out.write(bytes, 0, count);
                }
            }
            if (passes(near)) {
                target.close();
            }
        } catch (IOException e) {
            // The other direction ends likewise.
        }
    }

    @Override
    public synchronized void close() throws IOException {
        entrance.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
