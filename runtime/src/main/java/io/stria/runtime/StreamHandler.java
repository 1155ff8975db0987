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
     * @return how many were consumed; the rest is offered again, together with what follows
     */
    int onData(TcpStream stream, MemorySegment buffer, long offset, int length);

    /** {@code sendSpace} had been too small for somebody and has grown. */
    void onSendSpace(TcpStream stream);

    /** The last call for this stream. {@code errno} is 0 for an orderly end. */
    void onClosed(TcpStream stream, int errno);
}
