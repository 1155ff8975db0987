package io.stria.systemtests.linear;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.AnaLog;
import io.stria.nvme.AnaState;
import io.stria.nvme.ConnectData;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One host's path to one node, kept up by a thread of its own, as a kernel does: it connects again
 * when the connection is lost, sends keep-alives, gives the path up when they are not answered, and
 * asks for the path's ANA state. IO is the host's own thread's.
 */
final class HostPath implements Runnable {
    private static final int TICK_MS = 250;
    private static final int RECONNECT_MS = 500;
    private static final int ANA_STATE_AT = AnaLog.HEADER_BYTES + 16;

    private final InetSocketAddress address;
    private final String nqn;
    private final HostName host;
    private final int keepAliveMs;
    private final AtomicReference<@Nullable HostConnection> io = new AtomicReference<>();
    private volatile boolean optimized;
    private volatile boolean closed;

    /**
     * @param keepAliveMs the path is given up when a keep-alive is not answered for so long, or IO
     *     twice as long
     */
    HostPath(InetSocketAddress address, String nqn, HostName host, int keepAliveMs) {
        this.address = address;
        this.nqn = nqn;
        this.host = host;
        this.keepAliveMs = keepAliveMs;
    }

    /** The connection for IO while the path is usable; null otherwise. */
    @Nullable HostConnection usable() {
        HostConnection queue = io.get();
        return optimized && queue != null && queue.isOpen() ? queue : null;
    }

    /** What the node has said itself is known at once. */
    void notServing() {
        optimized = false;
    }

    void close() {
        closed = true;
    }

    @Override
    public void run() {
        while (!closed) {
            try (HostConnection admin = new HostConnection(address, keepAliveMs)) {
                int controller =
                        admin.connect(0, ConnectData.ANY_CONTROLLER, nqn, host, keepAliveMs);
                admin.enable();
                try (HostConnection queue = new HostConnection(address, 2 * keepAliveMs)) {
                    queue.connect(1, controller, nqn, host, 0);
                    io.set(queue);
                    keepUp(admin, queue);
                } finally {
                    optimized = false;
                    io.set(null);
                }
            } catch (IOException e) {
                // Gone, cut off, or it presents no such volume; it is tried again.
            }
            pause(RECONNECT_MS);
        }
    }

    private void keepUp(HostConnection admin, HostConnection queue) throws IOException {
        byte[] log = new byte[AnaLog.BYTES];
        for (int tick = 0; !closed && queue.isOpen(); tick++) {
            if (tick % 2 == 0) {
                admin.check(
                        admin.command(sqe ->
                                SubmissionEntry.write(sqe, 0, AdminOpcode.KEEP_ALIVE, 0, 0)));
            }
            admin.check(admin.read(HostPath::askAna, log));
            optimized = (log[ANA_STATE_AT] & 0xF) == AnaState.OPTIMIZED.code();
            pause(TICK_MS);
        }
    }

    private static void askAna(MemorySegment sqe) {
        SubmissionEntry.write(sqe, 0, AdminOpcode.GET_LOG_PAGE, 0, SubmissionEntry.NSID_ALL);
        int dwords = AnaLog.BYTES / 4 - 1;
        LittleEndian.put32(sqe, SubmissionEntry.CDW10, LogPageId.ANA | dwords << 16);
    }

    static boolean isServed(int status) {
        return StatusCode.code(status) == StatusCode.SUCCESS;
    }

    static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
