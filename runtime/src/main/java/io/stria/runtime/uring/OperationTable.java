package io.stria.runtime.uring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the operation that a completion belongs to. A tag is a slot (lower half) and how often the
 * slot was given away (upper half), so that a cancellation that comes late cannot hit the wrong
 * one.
 */
final class OperationTable {
    /** Tag of requests whose outcome nobody needs. */
    static final long IGNORED_TAG = 0;

    private @Nullable Operation[] slots = new @Nullable Operation[64];
    private int[] freeSlots = new int[64];
    private int freeCount;
    private int slotCount = 1;
    private int generation;

    void add(Operation operation) {
        int slot = freeCount > 0 ? freeSlots[--freeCount] : newSlot();
        slots[slot] = operation;
        operation.named((long) ++generation << 32 | slot);
    }

    void remove(Operation operation) {
        assert !operation.isInFlight() : "the kernel still has " + operation;
        int slot = (int) operation.tag();
        assert slots[slot] == operation : "not in the table: " + operation;
        slots[slot] = null;
        if (freeCount == freeSlots.length) {
            freeSlots = Arrays.copyOf(freeSlots, freeCount * 2);
        }
        freeSlots[freeCount++] = slot;
    }

    Operation find(long tag) {
        Operation operation = slots[(int) tag];
        assert operation != null && operation.tag() == tag : "unknown tag " + tag;
        return operation;
    }

    boolean hasInFlight() {
        for (int slot = 1; slot < slotCount; slot++) {
            Operation operation = slots[slot];
            if (operation != null && operation.isInFlight()) {
                return true;
            }
        }
        return false;
    }

    private int newSlot() {
        if (slotCount == slots.length) {
            slots = Arrays.copyOf(slots, slotCount * 2);
        }
        return slotCount++;
    }
}
