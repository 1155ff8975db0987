package io.stria.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** An engine without devices or sockets: its clock, sleep and wake are real, nothing completes. */
final class QuietEngine implements Engine {
    final Semaphore wakes = new Semaphore(0);
    final Clock clock;
    volatile boolean closed;

    QuietEngine(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public void await(long timeoutNs) {
        try {
            if (wakes.tryAcquire(timeoutNs, TimeUnit.NANOSECONDS)) {
                wakes.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void deliverLater(Runnable delivery) {
        throw new AssertionError("a quiet engine has nothing to deliver");
    }

    @Override
    public void wake() {
        wakes.release();
    }

    @Override
    public BlockFile openFile(Path path, BlockFile.Options options) throws IOException {
        throw new IOException("a quiet engine has no files");
    }

    @Override
    public StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        throw new IOException("a quiet engine has no sockets");
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        throw new UnsupportedOperationException("a quiet engine has no sockets");
    }

    @Override
    public void close() {
        closed = true;
    }
}
