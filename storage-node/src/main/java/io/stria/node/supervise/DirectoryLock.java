package io.stria.node.supervise;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.IoReason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One process at a time; the kernel gives it back when the process ends. */
public final class DirectoryLock implements AutoCloseable {
    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Of a whole cluster, for its supervisor. */
    static DirectoryLock take(ClusterDirectory directory) {
        return take(directory.path().resolve("lock"), "the cluster in " + directory.path());
    }

    /**
     * @param what it is a lock of, for the sentence
     * @throws ClusterException if another process holds it
     */
    public static DirectoryLock take(Path file, String what) {
        try {
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                return new DirectoryLock(channel);
            }
            channel.close();
            throw new ClusterException(what + " runs already");
        } catch (IOException e) {
            throw new ClusterException(
                    "%s cannot be locked: %s".formatted(file, IoReason.of(e)), e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new ClusterException("a lock cannot be given back: " + IoReason.of(e), e);
        }
    }
}
