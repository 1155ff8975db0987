package io.stria.runtime.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap of events that know their place in it, so that a cancelled one leaves at once
 * (timers are cancelled far more often than they fire).
 */
final class EventQueue {
    private @Nullable SimulatedEvent[] heap = new SimulatedEvent[256];
    private int size;

    int size() {
        return size;
    }

    @Nullable SimulatedEvent peek() {
        return size == 0 ? null : heap[0];
    }

    void add(SimulatedEvent event) {
        assert !event.isQueued() : "the event is queued already: " + event;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        siftUp(size++, event);
    }

    void remove(SimulatedEvent event) {
        int index = event.heapIndex;
        assert at(index) == event;
        event.heapIndex = SimulatedEvent.NOT_QUEUED;
        SimulatedEvent last = at(--size);
        heap[size] = null;
        if (last == event) {
            return;
        }
        if (index > 0 && last.isBefore(at((index - 1) / 2))) {
            siftUp(index, last);
        } else {
            siftDown(index, last);
        }
    }

    private void siftUp(int start, SimulatedEvent event) {
        int index = start;
        while (index > 0) {
            int parent = (index - 1) / 2;
            if (!event.isBefore(at(parent))) {
                break;
            }
            place(index, at(parent));
            index = parent;
        }
        place(index, event);
    }

    private void siftDown(int start, SimulatedEvent event) {
        int index = start;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && at(child + 1).isBefore(at(child))) {
                child++;
            }
            if (!at(child).isBefore(event)) {
                break;
            }
            place(index, at(child));
            index = child;
        }
        place(index, event);
    }

    private void place(int index, SimulatedEvent event) {
        heap[index] = event;
        event.heapIndex = index;
    }

    private SimulatedEvent at(int index) {
        SimulatedEvent event = heap[index];
        assert event != null;
        return event;
    }
}
