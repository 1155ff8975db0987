package io.stria.runtime.nio;

import io.stria.runtime.SpscRing;
import io.stria.runtime.ffm.BlockingIo;
import io.stria.runtime.ffm.Linux;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that waits for the device in the reactor's stead. */
final class FileThread {
    private static final int RUNNING = 0;
    private static final int PARKED = 1;
    private static final int STOPPED = 2;

    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private final WorkRing<NioFileAccess> work;
    private final SpscRing<NioFileAccess> done;
    private final FileThreads owner;
    private final Thread thread;

    /**
     * @param doneMax how many can be under way at a time, a power of two
     */
    FileThread(String name, FileThreads owner, WorkRing<NioFileAccess> work, int doneMax) {
        this.owner = owner;
        this.work = work;
        this.done = new SpscRing<>(doneMax);
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether it slept and was woken now. The reactor. */
    boolean wakeIfParked() {
        boolean parked = state.get() == PARKED && state.compareAndSet(PARKED, RUNNING);
        if (parked) {
            LockSupport.unpark(thread);
        }
        return parked;
    }

    /** The oldest access that is done, or null. The reactor. */
    @Nullable NioFileAccess pollDone() {
        return done.poll();
    }

    /** The reactor, when nothing is under way any more: it ends soon. */
    void stop() {
        state.set(STOPPED);
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            leaveTheReactorsCpu();
            carryOutUntilStopped();
        } catch (Throwable failure) {
            owner.failed(failure);
        }
    }

    private void carryOutUntilStopped() {
        BlockingIo io = new BlockingIo();
        while (state.get() != STOPPED) {
            NioFileAccess access = work.poll();
            if (access == null) {
                park();
            } else {
                carryOut(access, io);
            }
        }
    }

    private void carryOut(NioFileAccess access, BlockingIo io) {
        access.run(io);
        boolean taken = done.offer(access);
        assert taken : "more done than was under way";
        // Before the reactor's state is looked at: it must not sleep over what was just offered.
        VarHandle.fullFence();
        owner.wakeReactor();
    }

    /** Whoever offers work later sees that this is parked; what was offered before is seen here. */
    private void park() {
        if (!state.compareAndSet(RUNNING, PARKED)) {
            return;
        }
        if (!work.isEmpty()) {
            state.compareAndSet(PARKED, RUNNING);
        }
        while (state.get() == PARKED) {
            LockSupport.park(this);
        }
    }

    /** A thread inherits the CPUs of the one that makes it, which may be pinned. */
    private void leaveTheReactorsCpu() {
        try {
            Linux.keepCurrentThreadOn(owner.cpus());
        } catch (IOException e) {
            System.getLogger(FileThread.class.getName())
                    .log(System.Logger.Level.DEBUG, "stays where it is: {0}", e.getMessage());
        }
    }
}
