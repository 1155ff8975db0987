package io.stria.runtime.uring;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.SocketAddressBytes;
import io.stria.runtime.ffm.Sockets;
import io.stria.runtime.kernel.ReceiveBuffer;
import io.stria.runtime.kernel.SendRing;
import io.stria.runtime.kernel.StreamMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on the engine's ring: at most one receive and one send are in flight.
 *
 * <pre>
 * CONNECTING ──► OPEN ──► FLUSHING ──► CLOSING ──► CLOSED
 *      └───────────┴───────────────────►
 * </pre>
 *
 * FLUSHING sends what the socket takes without waiting; CLOSING waits until the kernel is done with
 * this stream's memory, which a cancellation makes soon; CLOSED has no descriptor any more, and
 * tells the handler from the next poll.
 */
final class UringStream implements TcpStream {
    private enum State {
        CONNECTING,
        OPEN,
        FLUSHING,
        CLOSING,
        CLOSED
    }

    private final IoUringEngine engine;
    private final IoUring ring;
    private final StreamMemory memory;
    private final ReceiveBuffer received;
    private final SendRing queued;
    private final Connect connect = new Connect();
    private final Receive receive = new Receive();
    private final Send send = new Send();
    private final Runnable attend = this::attend;

    private int fd;
    private State state;
    private InetSocketAddress remote;
    private InetSocketAddress local;
    private @Nullable StreamHandler handler;
    private int closeErrno;
    private boolean paused;
    private boolean peerEnded;
    private boolean moreToReceive = true;
    private boolean spaceAsked;
    private boolean sendWanted;
    private boolean attentionWanted;

    private UringStream(
            IoUringEngine engine,
            State state,
            int fd,
            InetSocketAddress remote,
            InetSocketAddress local) {
        this.engine = engine;
        this.ring = engine.ring();
        this.state = state;
        this.fd = fd;
        this.remote = remote;
        this.local = local;
        this.memory = engine.streamMemory().take();
        this.received = new ReceiveBuffer(memory.receive());
        this.queued = new SendRing(memory.send());
        engine.operations().add(connect);
        engine.operations().add(receive);
        engine.operations().add(send);
    }

    /** A stream that was accepted; {@link #open} starts it. */
    static UringStream accepted(IoUringEngine engine, int fd) throws IOException {
        InetSocketAddress remote = Sockets.remoteAddress(fd);
        Sockets.prepare(fd);
        return new UringStream(engine, State.OPEN, fd, remote, Sockets.localAddress(fd));
    }

    /** A stream that begins to connect; failures are told from the next poll. */
    static UringStream connecting(
            IoUringEngine engine, InetSocketAddress remote, StreamHandler handler) {
        InetSocketAddress unbound = new InetSocketAddress(0);
        UringStream stream = new UringStream(engine, State.CONNECTING, -1, remote, unbound);
        stream.handler = handler;
        stream.connect.begin();
        return stream;
    }

    /** The socket is connected. */
    void open(StreamHandler newHandler) {
        handler = newHandler;
        if (state == State.OPEN) {
            newHandler.onConnected(this);
            wantSend();
            armReceive();
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
        if (state == State.OPEN || state == State.CONNECTING) {
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
        if (state == State.OPEN || state == State.CONNECTING) {
            beginClose(0);
        }
    }

    /** Sends what is queued, unless a send is in flight, which will go on with the rest. */
    void startSend() {
        sendWanted = false;
        boolean sends = state == State.OPEN || state == State.FLUSHING;
        if (sends && !send.isInFlight() && queued.used() > 0) {
            int options = state == State.FLUSHING ? IoUring.DONT_WAIT : 0;
            ring.send(fd, queued.address(), queued.contiguous(), options, send.start());
        }
    }

    /** Gives everything back, without a word to the handler; for an engine that closes. */
    void release() {
        engine.operations().remove(connect);
        engine.operations().remove(receive);
        engine.operations().remove(send);
        engine.streamMemory().giveBack(memory);
        engine.forget(this);
    }

    /** What has to wait for a poll, since it calls the handler. */
    private void attend() {
        attentionWanted = false;
        switch (state) {
            case OPEN -> {
                offer();
                if (peerEnded && (!paused || received.length() == 0)) {
                    close();
                } else {
                    armReceive();
                }
            }
            case CLOSED -> {
                release();
                handler().onClosed(this, closeErrno);
            }
            case CONNECTING, FLUSHING, CLOSING -> {}
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

    private void armReceive() {
        if (state != State.OPEN || paused || peerEnded || receive.isInFlight()) {
            return;
        }
        int room = received.makeRoom();
        if (room > 0) {
            int options = moreToReceive ? 0 : IoUring.POLL_FIRST;
            ring.receive(fd, received.roomAddress(), room, options, receive.start());
        }
    }

    private void beginClose(int errno) {
        closeErrno = errno;
        boolean flushes = errno == 0 && state == State.OPEN && queued.used() > 0;
        state = flushes ? State.FLUSHING : State.CLOSING;
        cancel(connect);
        cancel(receive);
        cancel(send);
        wantSend();
        closeIfIdle();
    }

    private void cancel(Operation operation) {
        if (operation.isInFlight()) {
            ring.cancel(operation.tag(), OperationTable.IGNORED_TAG);
        }
    }

    private void closeIfIdle() {
        boolean idle = !connect.isInFlight() && !receive.isInFlight() && !send.isInFlight();
        if (state == State.CLOSING && idle) {
            state = State.CLOSED;
            if (fd >= 0) {
                Linux.close(fd);
            }
            wantAttention();
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

    private StreamHandler handler() {
        return Objects.requireNonNull(handler, "no handler yet");
    }

    @Override
    public String toString() {
        return state + " stream " + local + " to " + remote;
    }

    private final class Connect extends Operation {
        private @Nullable SocketAddressBytes address;

        void begin() {
            if (remote.isUnresolved()) {
                beginClose(Errno.EHOSTUNREACH);
                return;
            }
            SocketAddressBytes bytes = SocketAddressBytes.of(remote, Arena.ofAuto());
            fd = Sockets.open(bytes);
            if (fd < 0) {
                beginClose(-fd);
                return;
            }
            address = bytes;
            ring.connect(fd, bytes, start());
        }

        @Override
        protected void onCompletion(int result, int flags) {
            address = null;
            if (state != State.CONNECTING) {
                closeIfIdle();
            } else if (result < 0) {
                beginClose(-result);
            } else {
                connected();
            }
        }

        private void connected() {
            try {
                local = Sockets.localAddress(fd);
            } catch (IOException e) {
                beginClose(Errno.ECONNRESET);
                return;
            }
            state = State.OPEN;
            open(handler());
        }
    }

    private final class Receive extends Operation {
        @Override
        protected void onCompletion(int result, int flags) {
            if (state != State.OPEN) {
                closeIfIdle();
                return;
            }
            moreToReceive = (flags & IoUring.MORE_TO_RECEIVE) != 0;
            if (result > 0) {
                received.received(result);
                offer();
                armReceive();
            } else if (result == 0) {
                peerEnded = true;
                wantAttention();
            } else if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
                armReceive();
            } else {
                beginClose(-result);
            }
        }
    }

    private final class Send extends Operation {
        @Override
        protected void onCompletion(int result, int flags) {
            if (result > 0) {
                queued.sent(result);
            }
            switch (state) {
                case OPEN -> goOn(result);
                case FLUSHING -> flush(result);
                case CLOSING -> closeIfIdle();
                case CONNECTING, CLOSED -> throw new AssertionError(state);
            }
        }

        private void goOn(int result) {
            if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
                beginClose(-result);
                return;
            }
            wantSend();
            if (spaceAsked && result > 0) {
                spaceAsked = false;
                handler().onSendSpace(UringStream.this);
            }
        }

        private void flush(int result) {
            boolean more = result > 0 || result == -Errno.ECANCELED || result == -Errno.EINTR;
            if (more && queued.used() > 0) {
                wantSend();
            } else {
                state = State.CLOSING;
                closeIfIdle();
            }
        }
    }
}
