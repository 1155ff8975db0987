package io.stria.runtime.sim;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * One direction of a connection. Positions count bytes from the begin of the connection:
 *
 * <pre>
 *   consumed  &lt;=  arrived  &lt;=  departed  &lt;=  queued
 *      by the handler  in the peer's   on the way     in the sender's
 *                      memory                         send ring
 * </pre>
 *
 * The sender lets bytes depart while no more than a window of them is not consumed, as far as it
 * has been told ({@code credited}). What finds its path cut is retransmitted by the rhythm of
 * {@link TcpConfig}.
 */
final class SimulatedPipe {
    private static final int SEGMENT_BYTES_MAX = 1 << 16;
    private static final int TINY_BYTES_MAX = 64;

    private final Simulation simulation;
    private final TcpConfig tcp;
    private final SimulatedStream from;
    private final SimulatedStream to;
    private final SimulatedPath path;
    private final SimulatedPath back;
    private final ByteRing ring = new ByteRing();
    private final CRC32C checksum = new CRC32C();
    private final Retry retry = new Retry();
    private final Credit credit = new Credit();

    private long queued;
    private long departed;
    private long reached;
    private long arrived;
    private long read;
    private long consumed;
    private long credited;
    private long lastArrivalNs;
    private boolean finished;
    private boolean finReached;

    private boolean stalled;
    private long unansweredSinceNs = HostClock.NEVER;

    SimulatedPipe(
            Simulation simulation,
            TcpConfig tcp,
            SimulatedStream from,
            SimulatedStream to,
            SimulatedPath path,
            SimulatedPath back) {
        this.simulation = simulation;
        this.tcp = tcp;
        this.from = from;
        this.to = to;
        this.path = path;
        this.back = back;
    }

    SimulatedPath path() {
        return path;
    }

    /** Neither end will ever hear anything through this pipe again. */
    boolean isOver() {
        return from.isDeaf() && to.isDeaf();
    }

    int sendSpace() {
        return (int) (tcp.sendRingBytes() - (queued - departed));
    }

    void queue(MemorySegment source, long offset, int length) {
        ring.append(source, offset, length);
        checksum.reset();
        ring.checksum(queued, checksum);
        simulation.digest(checksum.getValue());
        queued += length;
    }

    /** Lets go what the window takes. Returns whether anything went. */
    boolean depart() {
        long end = Math.min(queued, credited + tcp.windowBytes());
        if (end <= departed) {
            return false;
        }
        while (departed < end) {
            int bytes = segmentBytes((int) Math.min(SEGMENT_BYTES_MAX, end - departed));
            departed += bytes;
            send(bytes, false);
        }
        return true;
    }

    private int segmentBytes(int bytes) {
        SimulatedRandom random = path.random();
        if (bytes > 1 && random.chance(path.config().splitChance())) {
            int most = random.nextBoolean() ? bytes : Math.min(bytes, TINY_BYTES_MAX);
            return (int) random.between(1, most);
        }
        return bytes;
    }

    /** The first segment of a connection: it says that the handshake is complete. */
    void greet() {
        send(0, false);
    }

    /** No byte departs any more; the peer hears of the end after the last one that did. */
    void finish() {
        if (!finished) {
            finished = true;
            abandonQueue();
            send(0, true);
        }
    }

    /** What has not departed never will. */
    void abandonQueue() {
        queued = departed;
        ring.truncate(departed);
    }

    private void send(int bytes, boolean fin) {
        long dueNs = path.arrivalNs(bytes);
        if (path.random().chance(path.config().lossChance())) {
            dueNs += tcp.retransmitMinNs();
        }
        lastArrivalNs = Math.max(dueNs, lastArrivalNs + 1);
        simulation.schedule(new Segment(departed, fin), lastArrivalNs - simulation.nowNs());
    }

    private void reach(long end, boolean fin) {
        reached = Math.max(reached, end);
        finReached |= fin;
        if (!stalled) {
            passOn();
        }
    }

    private void passOn() {
        if (!path.isPassable()) {
            stall(path);
        } else if (to.isDeaf()) {
            back.sendDatagram(() -> from.fail(Errno.ECONNRESET), () -> stall(back));
        } else if (path.random().chance(path.config().resetChance())) {
            reset();
        } else {
            arrive();
        }
    }

    /** The sender hears nothing, and so sends everything from here on again. */
    private void stall(SimulatedPath obstacle) {
        stalled = true;
        if (simulation.isTracing()) {
            simulation.trace(to + ": stalled on " + obstacle);
        }
        obstacle.await(this);
        expectAnswer();
    }

    private void arrive() {
        simulation.digest(reached);
        if (!back.isPassable()) {
            back.await(this);
            expectAnswer();
        }
        if (simulation.isTracing()) {
            simulation.trace(to + ": bytes " + arrived + " to " + reached);
        }
        arrived = reached;
        to.onArrival(finReached);
    }

    /** The sender has closed with something unread: the peer is told to forget the connection. */
    void sendReset() {
        path.sendDatagram(() -> to.fail(Errno.ECONNRESET));
    }

    /**
     * Something between the hosts resets the connection: both ends hear of it, each in its time.
     */
    void reset() {
        simulation.after(path.latencyNs(), () -> to.fail(Errno.ECONNRESET));
        simulation.after(back.latencyNs(), () -> from.fail(Errno.ECONNRESET));
    }

    private void expectAnswer() {
        if (unansweredSinceNs == HostClock.NEVER) {
            unansweredSinceNs = simulation.nowNs();
            long sinceNs = unansweredSinceNs;
            simulation.after(
                    tcp.giveUpNs(),
                    () -> {
                        if (unansweredSinceNs == sinceNs) {
                            from.fail(Errno.ETIMEDOUT);
                        }
                    });
        }
    }

    /** A path that this pipe waited for can be used: for data again, or for acknowledgements. */
    void onPassable() {
        if (from.isForgotten()) {
            return;
        }
        if (!stalled) {
            unansweredSinceNs = HostClock.NEVER;
            creditSoon();
        } else if (!retry.isQueued()) {
            long dueNs = tcp.nextRetransmitNs(unansweredSinceNs, simulation.nowNs());
            simulation.schedule(retry, dueNs - simulation.nowNs());
        }
    }

    int unconsumed() {
        return (int) (arrived - consumed);
    }

    /** The receiving kernel holds bytes that its engine has not fetched. */
    boolean hasUnread() {
        return arrived > read;
    }

    /** Copies what is not consumed, up to a limit, and returns how much that is. */
    int read(MemorySegment target, long offset, int most) {
        int length = Math.min(unconsumed(), most);
        read = Math.max(read, consumed + length);
        ring.copyTo(consumed, target, offset, length);
        return length;
    }

    void consume(int bytes) {
        assert bytes >= 0 && bytes <= unconsumed() : bytes + " of " + unconsumed();
        consumed += bytes;
        ring.release(consumed);
        if (!back.isPassable()) {
            back.await(this);
        } else if (queued > departed) {
            creditSoon();
        } else if (!credit.isQueued()) {
            // Nobody waits for it: the sender may as well know at once.
            credited = consumed;
        }
    }

    private void creditSoon() {
        if (!credit.isQueued() && consumed > credited) {
            simulation.schedule(credit, back.latencyNs());
        }
    }

    /** Tells the sender how far the peer has consumed. */
    private final class Credit extends SimulatedEvent {
        @Override
        void happen() {
            if (!back.isPassable()) {
                back.await(SimulatedPipe.this);
                return;
            }
            credited = consumed;
            if (!finished && depart()) {
                from.onSpace();
            }
        }
    }

    private final class Retry extends SimulatedEvent {
        @Override
        void happen() {
            if (!from.isForgotten()) {
                stalled = false;
                if (path.isPassable() && back.isPassable()) {
                    unansweredSinceNs = HostClock.NEVER;
                }
                passOn();
            }
        }
    }

    private final class Segment extends SimulatedEvent {
        private final long end;
        private final boolean fin;

        Segment(long end, boolean fin) {
            this.end = end;
            this.fin = fin;
        }

        @Override
        void happen() {
            reach(end, fin);
        }
    }
}
