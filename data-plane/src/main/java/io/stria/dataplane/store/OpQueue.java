package io.stria.dataplane.store;

import org.jspecify.annotations.Nullable;

/** Commands in line, linked through themselves. */
final class OpQueue {
    private @Nullable StoreOp head;
    private @Nullable StoreOp tail;

    boolean isEmpty() {
        return head == null;
    }

    @Nullable StoreOp peek() {
        return head;
    }

    void add(StoreOp op) {
        op.next = null;
        if (tail == null) {
            head = op;
        } else {
            tail.next = op;
        }
        tail = op;
    }

    void addFirst(StoreOp op) {
        op.next = head;
        head = op;
        if (tail == null) {
            tail = op;
        }
    }

    @Nullable StoreOp poll() {
        StoreOp op = head;
        if (op != null) {
            head = op.next;
            if (head == null) {
                tail = null;
            }
            op.next = null;
        }
        return op;
    }

    void remove(StoreOp op) {
        StoreOp before = null;
        for (StoreOp at = head; at != null; before = at, at = at.next) {
            if (at == op) {
                if (before == null) {
                    head = op.next;
                } else {
                    before.next = op.next;
                }
                if (tail == op) {
                    tail = before;
                }
                op.next = null;
                return;
            }
        }
    }
}
