package io.stria.runtime.nio;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.Sockets;
import io.stria.runtime.kernel.ReceiveBuffer;
import io.stria.runtime.kernel.SendRing;
import io.stria.runtime.kernel.StreamMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on the engine's selector.
 *
 * <pre>
 * CONNECTING ──► OPEN ──► CLOSED
 *      └──────────────────►
 * </pre>
 *
 * CLOSED has no channel any more, and tells the handler from the next poll.
 */
final class NioStream extends Selected implements TcpStream {
    private enum State {
        CONNECTING,
        OPEN,
        CLOSED
    }

    private final NioEngine engine;
    private final @Nullable SocketChannel channel;
    private final StreamMemory memory;
    private final ReceiveBuffer received;
    private final SendRing queued;

    /** The same memory as channels take it. */
    private final ByteBuffer receiveView;

    private final ByteBuffer sendView;
    private final Runnable attend = this::attend;

    private State state;
    private InetSocketAddress remote;
    private InetSocketAddress local;
    private @Nullable SelectionKey key;
    private @Nullable StreamHandler handler;
    private int interest;
    private int closeErrno;
    private boolean paused;
    private boolean peerEnded;
    private boolean spaceAsked;
    private boolean spaceToTell;
    private boolean sendWanted;
    private boolean attentionWanted;

    private NioStream(
            NioEngine engine,
            State state,
            @Nullable SocketChannel channel,
            InetSocketAddress remote,
            InetSocketAddress local) {
        this.engine = engine;
        this.state = state;
        this.channel = channel;
        this.remote = remote;
        this.local = local;
        this.memory = engine.streamMemory().take();
        this.received = new ReceiveBuffer(memory.receive());
        this.queued = new SendRing(memory.send());
        this.receiveView = memory.receive().asByteBuffer();
        this.sendView = memory.send().asByteBuffer();
    }

    /** A stream that was accepted; {@link #open} starts it. */
    static NioStream accepted(NioEngine engine, SocketChannel channel) throws IOException {
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        prepare(channel);
        NioStream stream = new NioStream(engine, State.OPEN, channel, remote, local);
        stream.key = engine.register(channel, 0, stream);
        return stream;
    }

    /** See {@link Sockets#prepare}; for what stays unanswered the JDK has no option. */
    private static void prepare(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, Sockets.IDLE_SECONDS);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, Sockets.PROBE_SECONDS);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, Sockets.PROBES);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    /** A stream that begins to connect; the outcome is told from a later poll. */
    static NioStream connecting(NioEngine engine, InetSocketAddress remote, StreamHandler handler) {
        InetSocketAddress unbound = new InetSocketAddress(0);
        SocketChannel channel = null;
        int errno = remote.isUnresolved() ? Errno.EHOSTUNREACH : 0;
        try {
            if (errno == 0) {
                channel = SocketChannel.open(NioEngine.family(remote));
                prepare(channel);
            }
        } catch (IOException e) {
            errno = SocketErrors.errno(e);
        }
        NioStream stream = new NioStream(engine, State.CONNECTING, channel, remote, unbound);
        stream.handler = handler;
        if (errno == 0) {
            stream.connect();
        } else {
            stream.closeNow(errno);
        }
        return stream;
    }

    /** The socket is connected. */
    void open(StreamHandler newHandler) {
        handler = newHandler;
        if (state == State.OPEN) {
            newHandler.onConnected(this);
            wantSend();
            awaitData();
        }
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public int sendSpace() {
        int space = queued.space();
        if (space < queued.capacity()) {
            spaceAsked = true;
        }
        return space;
    }

    @Override
    public int sendCapacity() {
        return queued.capacity();
    }

    @Override
    public void send(MemorySegment source, long offset, int length) {
        if (state != State.CLOSED) {
            queued.put(source, offset, length);
            wantSend();
        }
    }

    @Override
    public void pauseReceive() {
        paused = true;
    }

    @Override
    public void resumeReceive() {
        if (state != State.CLOSED && (paused || received.length() > 0)) {
            paused = false;
            wantAttention();
        }
    }

    @Override
    public boolean isOpen() {
        return state == State.OPEN;
    }

    @Override
    public void close() {
        if (state == State.OPEN) {
            sendWhatIsTaken();
        }
        closeNow(0);
    }

    /** Sends what is queued, unless the socket is known to take nothing. Calls no handler. */
    void startSend() {
        sendWanted = false;
        if (state == State.OPEN && (interest & SelectionKey.OP_WRITE) == 0) {
            sendWhatIsTaken();
        }
    }

    /** Gives everything back, without a word to the handler; for an engine that closes. */
    void release() {
        engine.streamMemory().giveBack(memory);
        engine.forget(this);
    }

    @Override
    protected void onReady(int operations) {
        switch (state) {
            case CONNECTING -> finishConnect();
            case OPEN -> {
                if ((operations & SelectionKey.OP_WRITE) != 0) {
                    unwatch(SelectionKey.OP_WRITE);
                    sendWhatIsTaken();
                    tellSpace();
                }
                if ((operations & SelectionKey.OP_READ) != 0 && state == State.OPEN) {
                    receive();
                }
            }
            case CLOSED -> {}
        }
    }

    /** What has to wait for a poll, since it calls the handler. */
    private void attend() {
        attentionWanted = false;
        switch (state) {
            case CONNECTING -> finishConnect();
            case OPEN -> {
                tellSpace();
                offer();
                if (peerEnded && (!paused || received.length() == 0)) {
                    close();
                } else {
                    awaitData();
                }
            }
            case CLOSED -> {
                release();
                handler().onClosed(this, closeErrno);
            }
        }
    }

    private void connect() {
        try {
            key = engine.register(channel(), SelectionKey.OP_CONNECT, this);
            interest = SelectionKey.OP_CONNECT;
            if (channel().connect(remote)) {
                wantAttention();
            }
        } catch (IOException e) {
            closeNow(SocketErrors.errno(e));
        }
    }

    private void finishConnect() {
        try {
            if (!channel().finishConnect()) {
                return;
            }
            local = (InetSocketAddress) channel().getLocalAddress();
        } catch (IOException e) {
            closeNow(SocketErrors.errno(e));
            return;
        }
        state = State.OPEN;
        unwatch(SelectionKey.OP_CONNECT);
        open(handler());
    }

    /** One receive, also when paused meanwhile: it may tell of the end. */
    private void receive() {
        int room = received.makeRoom();
        if (room == 0) {
            unwatch(SelectionKey.OP_READ);
            return;
        }
        try {
            receiveView.limit(received.end() + room).position(received.end());
            int count = channel().read(receiveView);
            if (count >= 0) {
                received.received(count);
            } else {
                peerEnded = true;
            }
        } catch (IOException e) {
            closeNow(SocketErrors.errno(e));
            return;
        }
        if (peerEnded) {
            unwatch(SelectionKey.OP_READ);
            wantAttention();
        } else {
            offer();
            awaitData();
        }
    }

    private void offer() {
        int consumed = 1;
        while (consumed > 0 && received.length() > 0 && !paused && state == State.OPEN) {
            consumed =
                    handler().onData(this, received.memory(), received.start(), received.length());
            received.consumed(consumed);
        }
    }

    /** Watches for data where it may come and has room; otherwise it does not. */
    private void awaitData() {
        if (state == State.OPEN) {
            if (paused || peerEnded || received.makeRoom() == 0) {
                unwatch(SelectionKey.OP_READ);
            } else {
                watch(SelectionKey.OP_READ);
            }
        }
    }

    private void sendWhatIsTaken() {
        try {
            boolean taken = true;
            while (taken && queued.used() > 0) {
                int asked = queued.contiguous();
                sendView.limit(queued.place() + asked).position(queued.place());
                int sent = channel().write(sendView);
                queued.sent(sent);
                spaceToTell |= sent > 0 && spaceAsked;
                taken = sent == asked;
            }
            if (!taken) {
                watch(SelectionKey.OP_WRITE);
            }
        } catch (IOException e) {
            closeNow(SocketErrors.errno(e));
        }
        if (spaceToTell) {
            wantAttention();
        }
    }

    /** What was free may have been used since; then the next send tells. */
    private void tellSpace() {
        boolean tells = spaceToTell && state == State.OPEN && queued.space() > 0;
        spaceToTell = false;
        if (tells) {
            spaceAsked = false;
            handler().onSendSpace(this);
        }
    }

    private void closeNow(int errno) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            closeErrno = errno;
            if (channel != null) {
                NioEngine.closeQuietly(channel);
            }
            wantAttention();
        }
    }

    private void watch(int operation) {
        interest(interest | operation);
    }

    private void unwatch(int operation) {
        interest(interest & ~operation);
    }

    private void interest(int operations) {
        if (operations != interest) {
            interest = operations;
            Objects.requireNonNull(key, "not registered").interestOps(operations);
        }
    }

    private void wantSend() {
        if (!sendWanted && queued.used() > 0) {
            sendWanted = true;
            engine.sendSoon(this);
        }
    }

    private void wantAttention() {
        if (!attentionWanted) {
            attentionWanted = true;
            engine.deliverLater(attend);
        }
    }

    private SocketChannel channel() {
        return Objects.requireNonNull(channel, "no socket");
    }

    private StreamHandler handler() {
        return Objects.requireNonNull(handler, "no handler yet");
    }

    @Override
    public String toString() {
        return state + " stream " + local + " to " + remote;
    }
}
