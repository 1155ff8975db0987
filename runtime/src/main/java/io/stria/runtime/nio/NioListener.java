package io.stria.runtime.nio;

import io.stria.runtime.StreamListener;
import io.stria.runtime.ffm.Errno;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening socket. It pauses when the machine has run out of descriptors or memory. */
final class NioListener extends Selected implements StreamListener {
    static final long PAUSE_NS = 100_000_000L;

    private static final System.Logger LOG = System.getLogger(NioListener.class.getName());
    private static final int BACKLOG = 4096;
    private static final int ACCEPTS_PER_POLL_MAX = 64;

    private final NioEngine engine;
    private final AcceptHandler handler;
    private final ServerSocketChannel channel;
    private final SelectionKey key;
    private final InetSocketAddress localAddress;
    private boolean closed;

    NioListener(NioEngine engine, InetSocketAddress address, AcceptHandler handler)
            throws IOException {
        this.engine = engine;
        this.handler = handler;
        this.channel = bound(address);
        this.localAddress = (InetSocketAddress) channel.getLocalAddress();
        this.key = engine.register(channel, SelectionKey.OP_ACCEPT, this);
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            NioEngine.closeQuietly(channel);
            engine.forget(this);
        }
    }

    @Override
    protected void onReady(int operations) {
        for (int i = 0; i < ACCEPTS_PER_POLL_MAX && !closed; i++) {
            SocketChannel accepted = accept();
            if (accepted == null) {
                break;
            }
            begin(accepted);
        }
    }

    /** After a pause. */
    void resume() {
        if (!closed) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private @Nullable SocketChannel accept() {
        try {
            return channel.accept();
        } catch (IOException e) {
            pauseAfter(SocketErrors.errno(e));
            return null;
        }
    }

    private void begin(SocketChannel accepted) {
        NioStream stream;
        try {
            stream = NioStream.accepted(engine, accepted);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a peer went away at once: {0}", e.getMessage());
            NioEngine.closeQuietly(accepted);
            return;
        }
        engine.remember(stream);
        stream.open(handler.onAccept(stream));
    }

    private void pauseAfter(int errno) {
        switch (errno) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot accept on {0}: {1}",
                        localAddress,
                        Errno.describe(errno));
                key.interestOps(0);
                engine.resumeAfterPause(this);
            }
            default -> {}
        }
    }

    private static ServerSocketChannel bound(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("cannot listen on " + address + ": no such host");
        }
        ServerSocketChannel channel = ServerSocketChannel.open(NioEngine.family(address));
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            return channel;
        } catch (IOException e) {
            NioEngine.closeQuietly(channel);
            throw new IOException(
                    "cannot listen on %s: %s"
                            .formatted(address, Errno.describe(SocketErrors.errno(e))),
                    e);
        }
    }
}
