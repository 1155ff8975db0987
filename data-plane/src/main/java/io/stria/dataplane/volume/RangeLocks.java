package io.stria.dataplane.volume;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Locks on ranges of blocks, first come first served: an exclusive one (a write) shares nothing,
 * reads share with reads. Both lists are as long as the operations in flight, which the owner
 * bounds.
 */
final class RangeLocks {
    private final List<StripeOp> held = new ArrayList<>();
    private final List<StripeOp> waiting = new ArrayList<>();
    private final List<StripeOp> granted = new ArrayList<>();
    private boolean granting;

    /** Writes among those that hold their locks or wait; without any, nothing conflicts. */
    private int exclusives;

    /** Calls {@code op.granted()} now, or when the ranges before it are released. */
    void acquire(StripeOp op) {
        boolean mayConflict = op.exclusive() || exclusives > 0;
        exclusives += op.exclusive() ? 1 : 0;
        if (mayConflict
                && (conflicts(op, held, held.size()) || conflicts(op, waiting, waiting.size()))) {
            waiting.add(op);
            return;
        }
        held.add(op);
        op.granted();
    }

    /**
     * The same before all that wait: for one that hosts do not notice, and that shall not wait for
     * those who wait for ever.
     */
    void acquireFirst(StripeOp op) {
        exclusives += op.exclusive() ? 1 : 0;
        if (conflicts(op, held, held.size())) {
            waiting.addFirst(op);
            return;
        }
        held.add(op);
        op.granted();
    }

    /** The write under way on a block, or null. */
    @Nullable WriteOp writeOn(long block) {
        for (int i = 0; i < held.size(); i++) {
            if (held.get(i) instanceof WriteOp write
                    && write.isUnderWay()
                    && write.firstBlock <= block
                    && block < write.firstBlock + write.blocks) {
                return write;
            }
        }
        return null;
    }

    void release(StripeOp op) {
        boolean removed = removeFast(held, op);
        assert removed : "released a lock that was not held";
        exclusives -= op.exclusive() ? 1 : 0;
        if (!waiting.isEmpty()) {
            grantWaiting();
        }
    }

    /** Takes an operation out of the queue; false if it already holds its lock. */
    boolean withdraw(StripeOp op) {
        boolean removed = waiting.remove(op);
        if (removed) {
            exclusives -= op.exclusive() ? 1 : 0;
            grantWaiting();
        }
        return removed;
    }

    /**
     * Copies the operations that hold their locks, so that they can be called while locks change.
     */
    void copyHeld(List<StripeOp> to) {
        to.addAll(held);
    }

    boolean isIdle() {
        return held.isEmpty() && waiting.isEmpty();
    }

    private void grantWaiting() {
        int kept = 0;
        for (int i = 0; i < waiting.size(); i++) {
            StripeOp op = waiting.get(i);
            if (conflicts(op, held, held.size()) || conflicts(op, waiting, kept)) {
                waiting.set(kept++, op);
            } else {
                held.add(op);
                granted.add(op);
            }
        }
        while (waiting.size() > kept) {
            waiting.removeLast();
        }
        if (granting) {
            return; // the call further out goes on with what was added
        }
        granting = true;
        for (int i = 0; i < granted.size(); i++) {
            granted.get(i).granted();
        }
        granted.clear();
        granting = false;
    }

    private static boolean conflicts(StripeOp op, List<StripeOp> others, int count) {
        for (int i = 0; i < count; i++) {
            StripeOp other = others.get(i);
            if ((op.exclusive() || other.exclusive()) && op.overlaps(other)) {
                return true;
            }
        }
        return false;
    }

    private static boolean removeFast(List<StripeOp> list, StripeOp op) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) == op) {
                StripeOp last = list.removeLast();
                if (last != op) {
                    list.set(i, last);
                }
                return true;
            }
        }
        return false;
    }
}
