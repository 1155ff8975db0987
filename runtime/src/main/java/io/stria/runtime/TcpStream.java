package io.stria.runtime;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * One TCP connection. {@link #send} copies into the stream's bounded send ring; what one poll
 * queues leaves in as few system calls as possible. Owned by one reactor.
 */
public interface TcpStream {
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
