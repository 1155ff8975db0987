package io.stria.runtime.sim;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes everything, and notes what it hears. */
class Collector implements StreamHandler {
    static final int OPEN = -1;

    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    final List<Integer> offers = new ArrayList<>();
    @Nullable TcpStream stream;
    int spaceCalls;
    int errno = OPEN;

    TcpStream stream() {
        if (stream == null) {
            throw new AssertionError("not connected");
        }
        return stream;
    }

    boolean isClosed() {
        return errno != OPEN;
    }

    @Override
    public void onConnected(TcpStream newStream) {
        stream = newStream;
    }

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        offers.add(length);
        received.writeBytes(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        return length;
    }

    @Override
    public void onSendSpace(TcpStream from) {
        spaceCalls++;
    }

    @Override
    public void onClosed(TcpStream from, int newErrno) {
        errno = newErrno;
    }
}
