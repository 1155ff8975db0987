package io.stria.nvmf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The network between a host and a target on loopback: it can keep what the host has sent for a
 * while, also when the host has died, and can break its connections.
 */
final class SlowPath implements AutoCloseable {
    private final ServerSocket listener;
    private final int targetPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Semaphore open = new Semaphore(1);
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();

    SlowPath(int targetPort) throws IOException {
        this.targetPort = targetPort;
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** What the host sends stays here. */
    void keep() {
        open.acquireUninterruptibly();
        kept.set(0);
    }

    /** Bytes that it has sent since. */
    long kept() {
        return kept.get();
    }

    void letGo() {
        answered.set(0);
        open.release();
    }

    /** Bytes that the target has sent since {@link #letGo}. */
    long answered() {
        return answered.get();
    }

    /** All connections end. */
    void cut() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket host = listener.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                sockets.addAll(List.of(host, target));
                Thread.ofPlatform().daemon().start(() -> forward(host, target));
                Thread.ofPlatform().daemon().start(() -> answer(target, host));
            }
        } catch (IOException e) {
            assert listener.isClosed() : e;
        }
    }

    /** The end of the host is not passed on. */
    private void forward(Socket host, Socket target) {
        byte[] bytes = new byte[1 << 16];
        try {
            InputStream from = host.getInputStream();
            OutputStream to = target.getOutputStream();
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                kept.addAndGet(count);
                open.acquireUninterruptibly();
                open.release();
                to.write(bytes, 0, count);
            }
        } catch (IOException e) {
            // One of them has gone.
        }
    }

    private void answer(Socket target, Socket host) {
        byte[] bytes = new byte[1 << 16];
        boolean there = true;
        try {
            InputStream from = target.getInputStream();
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                answered.addAndGet(count);
                there = there && isWritten(host, bytes, count);
            }
        } catch (IOException e) {
            // The target has gone.
        }
    }

    private static boolean isWritten(Socket host, byte[] bytes, int count) {
        try {
            host.getOutputStream().write(bytes, 0, count);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            cut();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
