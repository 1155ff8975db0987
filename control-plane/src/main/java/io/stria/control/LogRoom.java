package io.stria.control;

import io.stria.control.lease.VoterReport;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How much room the file system of a voter's log has left, looked at every few seconds by a thread
 * of its own: a disk that stands still may keep whoever looks waiting.
 */
final class LogRoom implements AutoCloseable {
    private static final long LOOK_MS = 5_000;

    private final File directory;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile long freeBytes = VoterReport.UNKNOWN_BYTES;

    LogRoom(File directory) {
        this.directory = directory;
    }

    static LogRoom of(Path directory) {
        LogRoom room = new LogRoom(directory.toFile());
        Thread.ofPlatform().name("stria-log-room").daemon(true).start(room::run);
        return room;
    }

    /** As last seen; {@link VoterReport#UNKNOWN_BYTES} before the first look has ended. */
    long freeBytes() {
        return freeBytes;
    }

    private void run() {
        try {
            do {
                look();
            } while (!closing.await(LOOK_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void look() {
        // Both are 0 where they cannot be told.
        freeBytes =
                directory.getTotalSpace() == 0
                        ? VoterReport.UNKNOWN_BYTES
                        : directory.getUsableSpace();
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
