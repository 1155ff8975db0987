package io.stria.runtime.sim;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: what the kernel of its host knows of it, and what its engine has told
 * the handler so far. Everything the handler hears comes from {@link #deliver}.
 */
final class SimulatedStream implements TcpStream, Delivery {
    /** What ended the stream, as the handler will hear it. */
    private static final int NO_END = -1;

    /** Received data lies unaligned, as it may: parsers that need alignment find out at once. */
    static final int DATA_OFFSET = 3;

    /** No handler may count on larger offers: every engine promises this much. */
    static final int OFFER_BYTES_MAX = 1 << 16;

    private static final byte SCRIBBLE = (byte) 0xa5;

    private final SimulatedEngine engine;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final @Nullable SimulatedListener listener;
    private @Nullable StreamHandler handler;
    private @Nullable SimulatedPipe out;
    private @Nullable SimulatedPipe in;

    private boolean deliveryQueued;
    private boolean departureQueued;
    private boolean established;
    private boolean introduced;
    private boolean open;
    private boolean paused;
    private int leastSpaceTold = Integer.MAX_VALUE;
    private boolean resumed;
    private boolean peerFinished;
    private boolean deaf;
    private boolean forgotten;
    private boolean unreadLost;
    private boolean over;
    private int end = NO_END;
    private long closedInPoll = -1;

    /** An end that connects. */
    SimulatedStream(
            SimulatedEngine engine,
            InetSocketAddress local,
            InetSocketAddress remote,
            StreamHandler handler) {
        this(engine, local, remote, null, handler);
    }

    /** An end that was accepted; the listener will say who handles it. */
    SimulatedStream(
            SimulatedEngine engine,
            InetSocketAddress local,
            InetSocketAddress remote,
            SimulatedListener listener) {
        this(engine, local, remote, listener, null);
    }

    private SimulatedStream(
            SimulatedEngine engine,
            InetSocketAddress local,
            InetSocketAddress remote,
            @Nullable SimulatedListener listener,
            @Nullable StreamHandler handler) {
        this.engine = engine;
        this.local = local;
        this.remote = remote;
        this.listener = listener;
        this.handler = handler;
    }

    SimulatedHost host() {
        return engine.host();
    }

    void attach(SimulatedPipe newOut, SimulatedPipe newIn) {
        out = newOut;
        in = newIn;
    }

    boolean hasPeer() {
        return out != null;
    }

    /** Once both ends have heard of each other. */
    SimulatedPipe out() {
        return Objects.requireNonNull(out);
    }

    private SimulatedPipe in() {
        return Objects.requireNonNull(in);
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
    public int sendCapacity() {
        return host().network().tcp().sendRingBytes();
    }

    @Override
    public int sendSpace() {
        if (!open) {
            return 0;
        }
        int space = out().sendSpace();
        if (space < sendCapacity()) {
            leastSpaceTold = Math.min(leastSpaceTold, space);
        }
        return space;
    }

    @Override
    public void send(MemorySegment source, long offset, int length) {
        if (!open) {
            return;
        }
        assert length <= out().sendSpace() : length + " bytes into " + out().sendSpace();
        out().queue(source, offset, length);
        if (!departureQueued) {
            departureQueued = true;
            engine.departSoon(this);
        }
    }

    /** From the engine's poll: what was queued since the last one leaves in one go. */
    void depart() {
        departureQueued = false;
        if (open && out().depart()) {
            onSpace();
        }
    }

    void onSpace() {
        if (hasMoreSpaceThanTold()) {
            deliverSoon();
        }
    }

    private boolean hasMoreSpaceThanTold() {
        return open && out().sendSpace() > leastSpaceTold;
    }

    @Override
    public void pauseReceive() {
        paused = true;
    }

    @Override
    public void resumeReceive() {
        paused = false;
        resumed = true;
        deliverSoon();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        if (end == NO_END && !over) {
            end = 0;
            closedInPoll = engine.pollCount();
            unreadLost = true;
            if (open) {
                out().depart();
            }
            hangUp();
            deliverSoon();
        }
    }

    /**
     * As Linux does: what has departed is followed by an end; by a reset, if something is unread.
     */
    private void hangUp() {
        open = false;
        if (deaf) {
            return;
        }
        deaf = true;
        if (established && in().hasUnread()) {
            out().sendReset();
        } else if (established) {
            out().finish();
        }
    }

    /** The process died; the kernel of its host closes the socket. What was not polled is lost. */
    void processDied() {
        over = true;
        hangUp();
    }

    /** The whole host has gone: nobody tells the peer, and nobody retransmits. */
    void vanish() {
        over = true;
        open = false;
        deaf = true;
        forgotten = true;
    }

    /** The kernel ends the connection: reset, refused, timed out. */
    void fail(int errno) {
        forgotten = true;
        deaf = true;
        if (end == NO_END) {
            end = errno;
            unreadLost = host().network().losesUnreadAtReset();
            deliverSoon();
        }
    }

    /** No segment is welcome any more: the answer is a reset. */
    boolean isDeaf() {
        return deaf;
    }

    /** The kernel has no state of it: nothing is retransmitted. */
    boolean isForgotten() {
        return forgotten;
    }

    /** The connecting end hears that the other one has accepted. */
    void onEstablished() {
        established = true;
        out().greet();
        deliverSoon();
    }

    /** A segment reached this host. */
    void onArrival(boolean fin) {
        established = true;
        peerFinished |= fin;
        deliverSoon();
    }

    private void deliverSoon() {
        if (!deliveryQueued) {
            deliveryQueued = true;
            engine.deliverSoon(this);
        }
    }

    @Override
    public void deliver() {
        deliveryQueued = false;
        if (!over && handler() instanceof StreamHandler told) {
            introduce(told);
            offerData(told);
            offerSpace(told);
            sayGoodbye(told);
        }
    }

    /** Null while nobody handles the stream, which then ends unheard. */
    private @Nullable StreamHandler handler() {
        if (handler == null && listener != null) {
            if (end == NO_END && listener.isOpen()) {
                handler = listener.accept(this);
            } else {
                hangUp();
                over = true;
                engine.forget(this);
            }
        }
        return handler;
    }

    private void introduce(StreamHandler told) {
        if (established && !introduced && end == NO_END) {
            introduced = true;
            open = true;
            trace("connected");
            told.onConnected(this);
        }
    }

    /**
     * What is left is offered at once as long as some is taken; then together with what follows.
     */
    private void offerData(StreamHandler told) {
        boolean progress = introduced && (resumed || in().hasUnread());
        resumed &= !progress;
        while (progress && !over && !paused && !unreadLost && in().unconsumed() > 0) {
            progress = offerOnce(told) > 0;
        }
    }

    private int offerOnce(StreamHandler told) {
        MemorySegment memory = engine.receiveMemory();
        int length = in().read(memory, DATA_OFFSET, OFFER_BYTES_MAX);
        int consumed = told.onData(this, memory, DATA_OFFSET, length);
        memory.asSlice(DATA_OFFSET, length).fill(SCRIBBLE);
        in().consume(consumed);
        assert consumed > 0 || length < OFFER_BYTES_MAX || paused || over || !open
                : "waits for more than " + length + " bytes: " + this;
        return consumed;
    }

    private void offerSpace(StreamHandler told) {
        if (hasMoreSpaceThanTold()) {
            leastSpaceTold = Integer.MAX_VALUE;
            told.onSendSpace(this);
        }
    }

    private void sayGoodbye(StreamHandler told) {
        if (over) {
            return;
        }
        if (end == NO_END && peerFinished && !paused) {
            end = 0;
            hangUp();
        }
        if (end == NO_END) {
            return;
        }
        if (closedInPoll == engine.pollCount()) {
            deliverSoon();
            return;
        }
        over = true;
        open = false;
        engine.forget(this);
        trace("closed, errno " + end);
        told.onClosed(this, end);
    }

    private void trace(String what) {
        if (host().simulation().isTracing()) {
            host().simulation().trace(this + ": " + what);
        }
    }

    @Override
    public String toString() {
        return "%s %s > %s".formatted(host(), local, remote);
    }
}
