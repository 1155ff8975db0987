package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;

/**
 * Fragments that a read found corrupt or stale on a store that is in sync, to be replaced by what
 * the others say. Bounded: what does not fit is found again by the next read.
 */
final class Repairs implements SyncOp.Listener {
    private record Repair(long block, int chunk) {}

    private static final int QUEUED_MAX = 1024;

    private final VolumeOwner owner;
    private final ArrayDeque<Repair> queue = new ArrayDeque<>();
    private boolean running;
    private long repaired;

    Repairs(VolumeOwner owner) {
        this.owner = owner;
    }

    void add(long block, int[] slots, int chunks) {
        for (int chunk = 0; chunk < slots.length; chunk++) {
            // A store that is forgetful will be brought to date as a whole.
            if ((chunks & 1 << chunk) != 0
                    && !owner.links().get(slots[chunk]).isForgetful()
                    && queue.size() < QUEUED_MAX) {
                queue.add(new Repair(block, chunk));
            }
        }
        owner.retryLater();
    }

    /** Fragments made equal to what the others say, so far. */
    long repaired() {
        return repaired;
    }

    void advance() {
        Repair next = running ? null : queue.poll();
        if (next != null) {
            running = true;
            SyncOp op = new SyncOp(owner);
            owner.pages().range(op, next.block(), 1);
            op.sync(next.chunk(), this);
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        running = false;
        if (status == IoStatus.OK) {
            repaired++;
        }
        if (!queue.isEmpty()) {
            owner.retryLater();
        }
    }
}
