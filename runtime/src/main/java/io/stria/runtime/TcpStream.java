package io.stria.runtime;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * One TCP connection. {@link #send} copies into the stream's bounded send ring; what one poll
 * queues leaves in as few system calls as possible. Owned by one reactor.
 */
public interface TcpStream {
    /** Whose memory a stream sends without a copy of its own; see {@link #lend}. */
    interface Lender {
        /** The stream has no use for it any more, whether or not all of it was sent. */
        void giveBack(MemorySegment memory);
    }

    InetSocketAddress remoteAddress();

    InetSocketAddress localAddress();

    /**
     * Bytes that {@link #send} takes now. After it was too little, {@code onSendSpace} tells of
     * more.
     */
    int sendSpace();

    /** Size of the whole send ring: the most that {@link #sendSpace} ever returns. */
    int sendCapacity();

    /** Queues bytes; the caller has checked {@link #sendSpace}. Ignored on a closed stream. */
    void send(MemorySegment source, long offset, int length);

    /**
     * Queues bytes where they lie, if the stream can: the memory must stay as it is until the
     * lender gets it back, which is exactly once, never from within this call, and before {@code
     * onClosed}.
     *
     * @param memory what the lender gets back
     * @return false if the stream would rather copy these, has no room, or is closed: then nothing
     *     has happened
     */
    default boolean lend(MemorySegment memory, long offset, int length, Lender lender) {
        return false;
    }

    /** Bytes queued, copied or lent, that have not left. */
    int unsent();

    /** Stops calls of {@code onData} until {@link #resumeReceive}: back-pressure on the peer. */
    void pauseReceive();

    void resumeReceive();

    boolean isOpen();

    /**
     * Sends what is queued as far as the peer takes it at once, then closes. {@code onClosed}
     * follows from a later poll.
     */
    void close();
}
