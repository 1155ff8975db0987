package io.stria.control.consensus;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Ends a voter at its first failure, for as long as its process lives: what Ratis does with a log
 * that has failed is not to be trusted, since it says of entries that it ignores that they are
 * written, and leads and votes as if nothing were the matter. Whichever thread finds out first says
 * so; from then on nothing that the voter says counts ({@link VoterGuard}, {@link RatisLog}). It is
 * closed on a thread of its own, which may take seconds.
 */
final class FailStop {
    private static final System.Logger LOG = System.getLogger(FailStop.class.getName());
    private static final String KEY = FailStop.class.getName();
    private static final long CLOSE_SECONDS = 10;

    private final Runnable told;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable String reason;
    private @Nullable Closeable server;

    /**
     * @param told runs once, on any thread, when the voter has failed
     */
    FailStop(Runnable told) {
        this.told = told;
    }

    /** How it gets to what Ratis makes itself. */
    void putInto(Parameters parameters) {
        parameters.put(KEY, this, FailStop.class);
    }

    static FailStop in(Parameters parameters) {
        return parameters.getNonNull(KEY, FailStop.class);
    }

    /** What is to be closed; at once, if the voter has failed while it was opened. */
    synchronized void guards(Closeable opened) {
        server = opened;
        if (reason != null) {
            close(opened);
        }
    }

    /** Why the voter takes part in nothing any more; null while it does. */
    @Nullable String reason() {
        return reason;
    }

    /** Does not block. */
    void fail(String why) {
        synchronized (this) {
            if (reason != null) {
                return;
            }
            reason = why;
            if (server != null) {
                close(server);
            }
        }
        told.run();
    }

    private void close(Closeable opened) {
        Thread.ofPlatform()
                .name("stria-voter-end")
                .daemon(true)
                .start(() -> {
                    try {
                        opened.close();
                    } catch (IOException | RuntimeException e) {
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "a failed voter did not close well",
                                e);
                    }
                    closed.countDown();
                });
    }

    /**
     * Waits until a voter that has failed is closed, but not for a disk that stands still; returns
     * at once for one that has not failed.
     */
    void await() {
        try {
            if (reason != null && !closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "a failed voter is still being closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
