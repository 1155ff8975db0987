package io.stria.dataplane.study;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongUnaryOperator;

/** One operation after the other, each begun when the one before has ended, by one thread. */
abstract class OneAtATime {
    static final int BLOCK_BYTES = BlockDevice.BLOCK_BYTES;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    final SteppedReactor stepped;
    private boolean ended;

    OneAtATime(SteppedReactor stepped) {
        this.stepped = stepped;
    }

    /** Of one block; {@link #onEnded} follows from a later step of the reactor. */
    abstract void begin(IoOp op, long block);

    final void onEnded() {
        ended = true;
    }

    /** Begins it, and steps the reactor until it has ended. */
    final void run(Runnable begin) {
        ended = false;
        begin.run();
        while (!ended) {
            stepped.reactor().step();
        }
    }

    /**
     * @param where the block of each
     * @return processor time of the calling thread for each, in ns
     */
    final double cpuNs(IoOp op, int count, LongUnaryOperator where) {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < count; i++) {
            long block = where.applyAsLong(i);
            run(() -> begin(op, block));
        }
        return (double) (THREADS.getCurrentThreadCpuTime() - before) / count;
    }
}
