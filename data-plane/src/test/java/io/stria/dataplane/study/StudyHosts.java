package io.stria.dataplane.study;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Clock;
import io.stria.runtime.Poller;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/**
 * So many commands at a time, each followed by the next as soon as it has ended; how long each took
 * is kept. Polled by the volume's reactor; allocates nothing once made.
 */
final class StudyHosts implements Poller {
    private final StudyVolume volume;
    private final Clock clock;
    private final Line[] lines;
    private IoOp op = IoOp.READ;
    private int blocks = 1;
    private LongUnaryOperator choose = i -> i;
    private long[] tookNs = {};
    private int wanted;
    private int begun;
    private int done;

    /** One command at a time. */
    private final class Line implements IoRequest.Completion {
        private final IoRequest request = new IoRequest();
        private final MemorySegment buffer;
        private long beganNs;
        private boolean busy;

        Line(int blocksMax) {
            buffer = Arena.ofAuto().allocate((long) blocksMax * BlockDevice.BLOCK_BYTES, 4096);
        }

        void begin() {
            busy = true;
            beganNs = clock.nowNs();
            long block = choose.applyAsLong(begun++);
            volume.submit(request.set(op, block, blocks, buffer, 0, this));
        }

        @Override
        public void complete(IoRequest ended, IoStatus status) {
            if (status != IoStatus.OK) {
                throw new AssertionError(op + " ended with " + status);
            }
            busy = false;
            tookNs[done++] = clock.nowNs() - beganNs;
        }
    }

    StudyHosts(StudyVolume volume, Clock clock, int depth, int blocksMax) {
        this.volume = volume;
        this.clock = clock;
        lines = new Line[depth];
        for (int i = 0; i < depth; i++) {
            lines[i] = new Line(blocksMax);
        }
    }

    /** Any block of the first so many, every time the same ones in the same order. */
    static LongUnaryOperator anyOf(long count) {
        SplittableRandom random = new SplittableRandom(1);
        return i -> random.nextLong(count);
    }

    /** Begins with the next poll; {@link #isDone} when so many have ended. */
    void ask(IoOp what, int blocksEach, int count, LongUnaryOperator where) {
        op = what;
        blocks = blocksEach;
        choose = where;
        if (tookNs.length < count) {
            tookNs = new long[count];
        }
        begun = 0;
        done = 0;
        wanted = count;
    }

    boolean isDone() {
        return done == wanted;
    }

    /** Of the commands that have ended, in ns. */
    long[] sorted() {
        long[] all = Arrays.copyOf(tookNs, done);
        Arrays.sort(all);
        return all;
    }

    @Override
    public int poll(long nowNs) {
        int work = 0;
        for (Line line : lines) {
            if (!line.busy && begun < wanted) {
                line.begin();
                work++;
            }
        }
        return work;
    }
}
