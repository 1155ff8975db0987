package io.stria.systemtests.linear;

import io.stria.runtime.sim.Stamps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A host with a path to every node, which does one operation at a time and writes down what it saw.
 * Like Linux's multipath it uses the path that is optimized, waits where there is none, and takes
 * another path when one fails.
 *
 * <p>A command whose answer did not come may have been executed, or be executed yet. A read is sent
 * again, and its operation is the whole time of all attempts. What a write may do depends on who
 * else writes the block:
 *
 * <ul>
 *   <li>Nobody else does ({@link #writeUntilAcknowledged}): it is sent again as multipath does, the
 *       same data, until it is acknowledged; that is one operation from the first attempt on.
 *       Attempts may well be executed twice, one after the other. That cannot be seen, since nobody
 *       writes the block in between, unless one is executed after the acknowledgement of another:
 *       then it undoes a later write, which the history shows.
 *   <li>Others do ({@link #writeOnce}): executed twice, it could undo theirs, on any storage and by
 *       nobody's fault. So it is sent once, and when no answer comes its outcome is unknown.
 * </ul>
 */
final class Host implements AutoCloseable {
    static final int BLOCK_BYTES = 4096;
    private static final int LOOK_MS = 5;
    private static final int RETRY_MS = 20;

    private final int client;
    private final History history;
    private final Refusals refusals;
    private final AtomicLong values;
    private final long startNs;
    private final List<HostPath> paths = new ArrayList<>();
    private final MemorySegment buffer = Arena.ofAuto().allocate(BLOCK_BYTES, 8);
    private final byte[] data = new byte[BLOCK_BYTES];
    private long longestNs;
    private int givenUp;

    /**
     * @param refusals of all hosts
     * @param values numbers the writes of all hosts
     * @param startNs of the history's clock
     * @param keepAliveMs of its paths, see {@link HostPath}
     */
    Host(
            int client,
            List<InetSocketAddress> nodes,
            String nqn,
            History history,
            Refusals refusals,
            AtomicLong values,
            long startNs,
            int keepAliveMs) {
        this.client = client;
        this.history = history;
        this.refusals = refusals;
        this.values = values;
        this.startNs = startNs;
        for (InetSocketAddress node : nodes) {
            HostPath path = new HostPath(node, nqn, new HostName(client + 1), keepAliveMs);
            paths.add(path);
            Thread.ofVirtual().name("path-" + client).start(path);
        }
    }

    /** The longest time that an operation took. */
    long longestNs() {
        return longestNs;
    }

    /** Commands without an answer. */
    int givenUp() {
        return givenUp;
    }

    void writeOnce(long lba) throws IOException {
        long value = fill(lba);
        HostPath path = await();
        long from = now();
        boolean acknowledged = write(path, lba);
        add(new Operation(client, true, lba, value, from, now(), acknowledged));
    }

    void writeUntilAcknowledged(long lba) throws IOException {
        long value = fill(lba);
        HostPath path = await();
        long from = now();
        boolean acknowledged = false;
        try {
            while (!write(path, lba)) {
                HostPath.pause(RETRY_MS);
                path = await();
            }
            acknowledged = true;
        } finally {
            add(new Operation(client, true, lba, value, from, now(), acknowledged));
        }
    }

    void read(long lba) throws IOException {
        HostPath path = await();
        long from = now();
        while (!readFrom(path, lba)) {
            HostPath.pause(RETRY_MS);
            path = await();
        }
        long to = now();
        MemorySegment.copy(MemorySegment.ofArray(data), 0, buffer, 0, BLOCK_BYTES);
        long value = Stamps.read(buffer, 0, BLOCK_BYTES, lba);
        add(new Operation(client, false, lba, value, from, to, true));
    }

    private long now() {
        return System.nanoTime() - startNs;
    }

    private void add(Operation operation) {
        longestNs = Math.max(longestNs, operation.endNs() - operation.startNs());
        history.add(operation);
    }

    private long fill(long lba) {
        long value = values.incrementAndGet();
        Stamps.fill(buffer, 0, BLOCK_BYTES, lba, value);
        MemorySegment.copy(buffer, 0, MemorySegment.ofArray(data), 0, BLOCK_BYTES);
        return value;
    }

    private boolean write(HostPath path, long lba) {
        HostConnection queue = path.usable();
        try {
            return queue != null && answered(path, queue.writeBlock(lba, data));
        } catch (IOException e) {
            givenUp++;
            return false;
        }
    }

    private boolean readFrom(HostPath path, long lba) {
        HostConnection queue = path.usable();
        try {
            return queue != null && answered(path, queue.readBlock(lba, data));
        } catch (IOException e) {
            givenUp++;
            return false;
        }
    }

    private boolean answered(HostPath path, int status) {
        boolean served = HostPath.isServed(status);
        if (!served) {
            refusals.add(status);
            path.notServing();
        }
        return served;
    }

    private HostPath await() throws IOException {
        HostPath path = optimized();
        if (path != null) {
            return path;
        }
        long from = now();
        while (path == null) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("host " + client + " waits for a path in vain");
            }
            HostPath.pause(LOOK_MS);
            path = optimized();
        }
        history.waited(new Span(from, now()));
        return path;
    }

    private @Nullable HostPath optimized() {
        for (HostPath path : paths) {
            if (path.usable() != null) {
                return path;
            }
        }
        return null;
    }

    @Override
    public void close() {
        paths.forEach(HostPath::close);
    }
}
