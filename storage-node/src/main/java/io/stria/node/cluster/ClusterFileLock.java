package io.stria.node.cluster;

import io.stria.control.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's file, held by whoever reads, changes and writes it, all the while: two commands
 * that are given at the same time would lose each other's change otherwise. Nothing else writes it.
 * Who starts the cluster holds it too, until what was started can be found. Waits for its turn; the
 * kernel gives it back when a process ends.
 */
public final class ClusterFileLock implements AutoCloseable {
    static final String LOCK_FILE = "cluster.lock";
    private static final long LOOK_MS = 20;

    /** The kernel's lock is the process's, and knows no threads. */
    private static final ReentrantLock WITHIN = new ReentrantLock();

    private final ClusterDirectory directory;
    private final FileChannel channel;

    private ClusterFileLock(ClusterDirectory directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * @throws ClusterException if there can be no lock
     */
    public static ClusterFileLock take(ClusterDirectory directory) {
        WITHIN.lock();
        try {
            FileChannel channel = open(directory);
            channel.lock();
            return new ClusterFileLock(directory, channel);
        } catch (IOException e) {
            WITHIN.unlock();
            throw cannotBeTaken(directory, e);
        }
    }

    /**
     * As {@link #take}, but waits no longer than that.
     *
     * @return whether it was this one's turn within the limit; empty if not
     * @throws ClusterException if there can be no lock
     */
    public static Optional<ClusterFileLock> take(ClusterDirectory directory, long limitNs)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + limitNs;
        if (!WITHIN.tryLock(limitNs, TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = open(directory);
            while (channel.tryLock() == null) {
                if (System.nanoTime() - deadlineNs > 0) {
                    return Optional.empty();
                }
                Thread.sleep(LOOK_MS);
            }
            taken = true;
            return Optional.of(new ClusterFileLock(directory, channel));
        } catch (IOException e) {
            throw cannotBeTaken(directory, e);
        } finally {
            if (!taken) {
                giveBack(channel);
            }
        }
    }

    private static FileChannel open(ClusterDirectory directory) throws IOException {
        return FileChannel.open(
                directory.path().resolve(LOCK_FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
    }

    private static ClusterException cannotBeTaken(ClusterDirectory directory, IOException e) {
        return new ClusterException(
                "the cluster in %s cannot be changed: %s"
                        .formatted(directory.path(), IoReason.of(e)),
                e);
    }

    /** As it is until this one is closed, but for what {@link #write} makes of it. */
    ClusterFile read() {
        return directory.read();
    }

    void write(ClusterFile cluster) throws IOException {
        DurableFiles.write(
                directory.clusterFile(),
                Json.strict().writerWithDefaultPrettyPrinter().writeValueAsBytes(cluster));
    }

    @Override
    public void close() {
        giveBack(channel);
    }

    private static void giveBack(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new ClusterException("a lock cannot be given back: " + IoReason.of(e), e);
        } finally {
            WITHIN.unlock();
        }
    }
}
