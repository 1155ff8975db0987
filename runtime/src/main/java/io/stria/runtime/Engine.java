package io.stria.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * What a reactor sees of the world: time, files and sockets. Production engines speak to the
 * kernel; the simulated one lives under a seed. All methods but {@link #wake} belong to the
 * reactor's thread, and so do all calls that the engine makes into handlers; it makes them only
 * from {@link #poll}.
 */
public interface Engine extends AutoCloseable {
    Clock clock();

    /**
     * Submits what was queued and delivers what completed. Returns how many completions were
     * delivered.
     */
    int poll();

    /**
     * Sleeps until something completes, {@link #wake} is called or the timeout passes; may return
     * early.
     */
    void await(long timeoutNs);

    /** Runs it at the beginning of the next poll; a sleep does not begin before. */
    void deliverLater(Runnable delivery);

    /** Ends a current or the next {@link #await}. May be called from any thread. */
    void wake();

    /**
     * Opens a file or block device for aligned access that bypasses the page cache where the file
     * system allows it. Blocking: for start-up only.
     *
     * @throws IOException with one clear sentence: missing, locked by another process, too small
     */
    BlockFile openFile(Path path, BlockFile.Options options) throws IOException;

    /**
     * Accepts streams on the address; port 0 picks a free one. Blocking only as long as bind takes.
     */
    StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException;

    /**
     * Begins to connect. The handler hears {@code onConnected} or {@code onClosed}, never both
     * unanswered.
     */
    TcpStream connect(InetSocketAddress address, StreamHandler handler);

    @Override
    void close();
}
