package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Keeps what it hears of one stream, and checks that it hears it in a permitted order. */
public class RecordingHandler implements StreamHandler {
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    int largestOffer;
    int offers;
    int sendSpaceCalls;
    protected boolean connected;
    boolean closed;
    int closedErrno;
    private @Nullable TcpStream stream;

    /** How much of an offer to take; all of it unless a test says otherwise. */
    protected int consume(TcpStream from, MemorySegment buffer, long offset, int length) {
        return length;
    }

    protected final TcpStream stream() {
        assertTrue(stream != null, "not connected yet");
        return stream;
    }

    final int receivedBytes() {
        return received.size();
    }

    @Override
    public void onConnected(TcpStream from) {
        assertTrue(!connected && !closed, "onConnected comes once and first");
        connected = true;
        stream = from;
    }

    @Override
    public final int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        assertTrue(connected && !closed, "data only between onConnected and onClosed");
        assertSame(stream, from);
        assertTrue(length > 0, "no empty offers");
        offers++;
        largestOffer = Math.max(largestOffer, length);
        int consumed = consume(from, buffer, offset, length);
        byte[] taken = buffer.asSlice(offset, consumed).toArray(ValueLayout.JAVA_BYTE);
        received.write(taken, 0, taken.length);
        return consumed;
    }

    @Override
    public void onSendSpace(TcpStream from) {
        assertTrue(connected && !closed, "send space only between onConnected and onClosed");
        assertTrue(from.sendSpace() > 0, "send space was announced");
        sendSpaceCalls++;
    }

    @Override
    public void onClosed(TcpStream from, int errno) {
        assertEquals(false, closed, "onClosed comes once");
        closed = true;
        closedErrno = errno;
    }
}
