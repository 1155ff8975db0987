package io.stria.runtime.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stria.runtime.StreamListener;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * A listening socket, and the one operation that it always has in flight: an accept, or a pause
 * when the machine has run out of descriptors or memory.
 */
final class UringListener extends Operation implements StreamListener {
    private static final System.Logger LOG = System.getLogger(UringListener.class.getName());
    private static final MemorySegment PAUSE = pause(100_000_000L);

    private final IoUringEngine engine;
    private final AcceptHandler handler;
    private final int fd;
    private final InetSocketAddress localAddress;
    private boolean closed;

    UringListener(IoUringEngine engine, InetSocketAddress address, AcceptHandler handler)
            throws IOException {
        this.engine = engine;
        this.handler = handler;
        this.fd = Sockets.listen(address);
        this.localAddress = Sockets.localAddress(fd);
        engine.operations().add(this);
        accept();
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            engine.ring().cancel(tag(), OperationTable.IGNORED_TAG);
        }
    }

    @Override
    protected void onCompletion(int result, int flags) {
        if (closed) {
            release(result);
            return;
        }
        switch (-result) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> pauseAfter(-result);
            default -> {
                if (result >= 0) {
                    accepted(result);
                }
                goOn();
            }
        }
    }

    private void accepted(int streamFd) {
        UringStream stream;
        try {
            stream = UringStream.accepted(engine, streamFd);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a peer went away at once: {0}", e.getMessage());
            Linux.close(streamFd);
            return;
        }
        engine.remember(stream);
        stream.open(handler.onAccept(stream));
    }

    private void goOn() {
        if (closed) {
            release(-Errno.ECANCELED);
        } else {
            accept();
        }
    }

    private void accept() {
        engine.ring().accept(fd, start());
    }

    private void pauseAfter(int errno) {
        LOG.log(
                System.Logger.Level.WARNING,
                "cannot accept on {0}: {1}",
                localAddress,
                Errno.describe(errno));
        engine.ring().timeout(PAUSE, start());
    }

    /** The last of it; an accept may still have won against its cancellation. */
    private void release(int result) {
        if (result >= 0) {
            Linux.close(result);
        }
        Linux.close(fd);
        engine.operations().remove(this);
        engine.forget(this);
    }

    private static MemorySegment pause(long ns) {
        MemorySegment timespec = Arena.global().allocate(2L * Long.BYTES, Long.BYTES);
        timespec.set(JAVA_LONG, Long.BYTES, ns);
        return timespec;
    }
}
