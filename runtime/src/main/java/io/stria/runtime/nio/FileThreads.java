package io.stria.runtime.nio;

import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The threads that carry out the accesses to one file, so that a device that answers none keeps no
 * others waiting. They are started when there is more to do than the others can take, and sleep
 * when there is nothing. Owned by the reactor, but for {@link #failed} and {@link #wakeReactor}.
 */
final class FileThreads {
    private final String name;
    private final int handedOverMax;
    private final Runnable wake;
    private final BitSet cpus;
    private final WorkRing<NioFileAccess> work;
    private final FileThread[] threads;
    private final ArrayDeque<NioFileAccess> waiting = new ArrayDeque<>();

    private int started;
    private int handedOver;
    private volatile @Nullable Throwable failure;

    /**
     * @param name begins the threads' names
     * @param wake ends the reactor's sleep, from any thread
     * @param cpus where the threads may run
     */
    FileThreads(String name, NioConfig config, Runnable wake, BitSet cpus) {
        this.name = name;
        this.handedOverMax = config.handedOver();
        this.wake = wake;
        this.cpus = cpus;
        this.work = new WorkRing<>(handedOverMax);
        this.threads = new FileThread[config.fileThreads()];
    }

    void submit(NioFileAccess access) {
        if (handedOver < handedOverMax) {
            handOver(access);
        } else {
            waiting.addLast(access);
        }
    }

    /** Tells what is done. Returns how much it was. */
    int deliver() {
        if (failure != null) {
            throw new AssertionError("a thread for files failed", failure);
        }
        int delivered = 0;
        for (int i = 0; i < started && handedOver > 0; i++) {
            delivered += deliver(threads[i]);
        }
        return delivered;
    }

    /** Whether nothing is under way or waits. */
    boolean isQuiet() {
        return handedOver == 0;
    }

    /** Ends the threads; nothing is under way any more. */
    void stop() {
        assert isQuiet() : handedOver + " accesses are under way";
        for (int i = 0; i < started; i++) {
            threads[i].stop();
        }
    }

    BitSet cpus() {
        return cpus;
    }

    void wakeReactor() {
        wake.run();
    }

    /** The next poll throws it: what a thread did not do must not go unnoticed. */
    void failed(Throwable thrown) {
        failure = thrown;
        wakeReactor();
    }

    /** Not more than are under way now: a completion may begin the next access. */
    private int deliver(FileThread thread) {
        int delivered = 0;
        for (int left = handedOver; left > 0; left--) {
            NioFileAccess done = thread.pollDone();
            if (done == null) {
                break;
            }
            handedOver--;
            if (!waiting.isEmpty()) {
                handOver(waiting.removeFirst());
            }
            done.deliver();
            delivered++;
        }
        return delivered;
    }

    private void handOver(NioFileAccess access) {
        boolean offered = work.offer(access);
        assert offered : "more handed over than there is room for";
        handedOver++;
        wakeOne();
    }

    private void wakeOne() {
        for (int i = 0; i < started; i++) {
            if (threads[i].wakeIfParked()) {
                return;
            }
        }
        if (started < threads.length) {
            FileThread thread = new FileThread(name + "-" + started, this, work, handedOverMax);
            threads[started++] = thread;
            thread.start();
        }
    }
}
