package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Timers;
import org.jspecify.annotations.Nullable;

/**
 * The pool of commands and the line of those that are through: told from the store's poll only, so
 * that whoever hears may submit at once.
 */
final class Completions {
    /** Hears that a VUID's oldest command may have changed. */
    interface Listener {
        void onOldestChanged(VuidState vuid);
    }

    private final HeaderCache headers;
    private final ReadBuffers buffers;
    private final Pages pages;
    private final Timers timers;
    private final StoreIo io = new StoreIo();
    private final OpQueue done = new OpQueue();
    private @Nullable StoreOp pool;
    private Listener listener = _ -> {};
    private int atWork;

    Completions(HeaderCache headers, ReadBuffers buffers, Pages pages, Timers timers) {
        this.headers = headers;
        this.buffers = buffers;
        this.pages = pages;
        this.timers = timers;
    }

    StoreIo io() {
        return io;
    }

    void listener(Listener newListener) {
        listener = newListener;
    }

    /** Commands that have not been answered. */
    int atWork() {
        return atWork;
    }

    /** A command at the end of its VUID's line. */
    StoreOp begin(FragmentRequest request, VuidState vuid, int pageShift) {
        StoreOp op = pool;
        if (op == null) {
            op = new StoreOp();
        } else {
            pool = op.next;
            op.next = null;
        }
        atWork++;
        op.begin(request, vuid, pageShift);
        op.beganNs = timers.nowNs();
        vuid.add(op);
        return op;
    }

    void finish(StoreOp op, IoStatus status, long result) {
        assert op.state != StoreOp.State.DONE && op.state != StoreOp.State.IDLE;
        letGo(op);
        op.state = StoreOp.State.DONE;
        op.status = status;
        op.result = result;
        VuidState vuid = op.vuid;
        vuid.remove(op);
        done.add(op);
        listener.onOldestChanged(vuid);
    }

    /** Gives back whatever the command holds. */
    void letGo(StoreOp op) {
        if (op.slot >= 0) {
            headers.release(op.slot);
            op.slot = HeaderCache.NO_SLOT;
        }
        if (op.buffer != ReadBuffers.NONE) {
            buffers.giveBack(op.buffer);
            op.buffer = ReadBuffers.NONE;
        }
        if (op.holdsPage) {
            op.holdsPage = false;
            pages.letGo(op.pageId);
        }
    }

    /** Tells those that are through now, not those that this makes. */
    int tell() {
        int told = 0;
        StoreOp op = done.poll();
        while (op != null) {
            FragmentRequest request = op.request;
            Runnable applied = op.applied;
            IoStatus status = op.status;
            long result = op.result;
            if (applied == null) {
                io.onAnswered(request, status, timers.nowNs() - op.beganNs);
            }
            op.end();
            op.next = pool;
            pool = op;
            atWork--;
            told++;
            if (applied != null) {
                applied.run();
            } else {
                request.complete(status, result);
            }
            op = done.poll();
        }
        return told;
    }
}
