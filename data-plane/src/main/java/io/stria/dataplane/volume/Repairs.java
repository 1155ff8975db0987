package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Fragments that a read found corrupt or stale on a store that is in sync, to be replaced by what
 * the others say. Bounded: what does not fit is found again by the next read.
 */
final class Repairs implements SyncOp.Listener {
    /**
     * @param silent the store took the fragment for good
     */
    private record Repair(long block, int chunk, boolean silent) {}

    private static final int QUEUED_MAX = 1024;

    private final VolumeOwner owner;
    private final ArrayDeque<Repair> queue = new ArrayDeque<>();
    private @Nullable Repair running;
    private long repaired;
    private long silent;

    Repairs(VolumeOwner owner) {
        this.owner = owner;
    }

    /**
     * @param chunks as bits
     * @param toldBad those of which their stores say themselves that they are bad, as bits
     */
    void add(long block, int[] slots, int chunks, int toldBad) {
        for (int chunk = 0; chunk < slots.length; chunk++) {
            // A store that is forgetful will be brought to date as a whole.
            if ((chunks & 1 << chunk) != 0
                    && !owner.links().get(slots[chunk]).isForgetful()
                    && queue.size() < QUEUED_MAX) {
                queue.add(new Repair(block, chunk, (toldBad & 1 << chunk) == 0));
            }
        }
        owner.retryLater();
    }

    /** Fragments made equal to what the others say, so far. */
    long repaired() {
        return repaired;
    }

    /** Those of them that their stores took for good. */
    long silentRepaired() {
        return silent;
    }

    void advance() {
        Repair next = running != null ? null : queue.poll();
        if (next != null) {
            running = next;
            SyncOp op = new SyncOp(owner);
            owner.pages().range(op, next.block(), 1);
            op.sync(next.chunk(), this);
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        Repair ended = running;
        running = null;
        if (status == IoStatus.OK) {
            repaired++;
            silent += ended != null && ended.silent() ? 1 : 0;
        }
        if (!queue.isEmpty()) {
            owner.retryLater();
        }
    }
}
