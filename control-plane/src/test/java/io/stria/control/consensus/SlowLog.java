package io.stria.control.consensus;

import java.util.concurrent.CountDownLatch;
import org.apache.ratis.util.CodeInjectionForTesting;

/**
 * A voter's log that writes nothing until it is released, as on a disk that stands still: its vote,
 * which is not in the log, is written all the same. One at a time in a process.
 */
final class SlowLog implements AutoCloseable {
    private static final String WORKER = "SegmentedRaftLogWorker.runWorker";

    private final CountDownLatch released = new CountDownLatch(1);

    /** To be called before that voter starts. */
    SlowLog(int nodeId) {
        CodeInjectionForTesting.put(
                WORKER,
                (local, remote, more) -> {
                    if (String.valueOf(local).equals("n" + nodeId)) {
                        stand();
                    }
                    return true;
                });
    }

    private void stand() {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void release() {
        released.countDown();
    }

    @Override
    public void close() {
        CodeInjectionForTesting.remove(WORKER);
        release();
    }
}
