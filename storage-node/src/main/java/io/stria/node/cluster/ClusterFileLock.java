package io.stria.node.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who reads the cluster's file, changes it and writes it holds this all the while: two commands
 * that are given at the same time would lose each other's change otherwise. Waits for its turn; the
 * kernel gives it back when a process ends.
 */
final class ClusterFileLock implements AutoCloseable {
    /** The kernel's lock is the process's, and knows no threads. */
    private static final ReentrantLock WITHIN = new ReentrantLock();

    private final FileChannel channel;

    private ClusterFileLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @throws ClusterException if there can be no lock
     */
    static ClusterFileLock take(ClusterDirectory directory) {
        WITHIN.lock();
        try {
            FileChannel channel =
                    FileChannel.open(
                            directory.path().resolve("cluster.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            channel.lock();
            return new ClusterFileLock(channel);
        } catch (IOException e) {
            WITHIN.unlock();
            throw new ClusterException(
                    "the cluster in %s cannot be changed: %s"
                            .formatted(directory.path(), IoReason.of(e)),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new ClusterException("a lock cannot be given back: " + IoReason.of(e), e);
        } finally {
            WITHIN.unlock();
        }
    }
}
