package io.stria.runtime;

import java.lang.foreign.MemorySegment;

/**
 * Hears of one {@link TcpStream}, always on its reactor's thread from within {@code Engine.poll}.
 */
public interface StreamHandler {
    /** The stream can send and receive; called once, for accepted streams too. */
    void onConnected(TcpStream stream);

    /**
     * Bytes arrived. The memory is the engine's and valid only during the call.
     *
     * <p>What is left is offered again at once as long as the handler takes something; when it took
     * nothing, together with what follows, or after {@link TcpStream#resumeReceive}. Offers grow to
     * 64 KiB at least; a handler that takes nothing even then has to pause and resume.
     *
     * @return how many were consumed
     */
    int onData(TcpStream stream, MemorySegment buffer, long offset, int length);

    /**
     * Since the last call {@link TcpStream#sendSpace} has answered with less than the capacity, and
     * now there is more: whoever had too little looks again.
     */
    void onSendSpace(TcpStream stream);

    /** The last call for this stream. {@code errno} is 0 for an orderly end. */
    void onClosed(TcpStream stream, int errno);
}
