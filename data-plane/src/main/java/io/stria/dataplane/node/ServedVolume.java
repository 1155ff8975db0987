package io.stria.dataplane.node;

import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.volume.VolumeOwner;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A volume as this node presents it: the same object while owners come and go. Owned by the node's
 * reactor.
 */
final class ServedVolume implements BlockDevice {
    private final ArrayDeque<IoRequest> refused = new ArrayDeque<>();
    private VolumeEntry entry;
    private @Nullable VolumeOwner owner;

    /**
     * The map in which the entry's volume epoch was first seen: the owner begins when it is in
     * force.
     */
    long epochSinceMap;

    /** When this node has found that it reaches what the owner, elsewhere, does not; 0 if never. */
    long reachedNs;

    ServedVolume(VolumeEntry entry, long mapEpoch) {
        this.entry = entry;
        this.epochSinceMap = mapEpoch;
    }

    VolumeEntry entry() {
        return entry;
    }

    void follow(VolumeEntry newer, long mapEpoch) {
        if (newer.epoch() != entry.epoch()) {
            epochSinceMap = mapEpoch;
        }
        entry = newer;
    }

    @Nullable VolumeOwner owner() {
        return owner;
    }

    void owner(@Nullable VolumeOwner next) {
        owner = next;
    }

    boolean isServing() {
        return owner != null && owner.isServing();
    }

    @Override
    public long blocks() {
        return entry.sizeBytes() / BLOCK_BYTES;
    }

    @Override
    public void submit(IoRequest request) {
        VolumeOwner serving = owner;
        if (serving == null) {
            refused.add(request); // never complete from within submit
        } else {
            serving.submit(request);
        }
    }

    int poll(long nowNs) {
        int work = refused.size();
        for (int i = 0; i < work; i++) {
            refused.remove().complete(IoStatus.NOT_SERVING);
        }
        VolumeOwner serving = owner;
        return work + (serving == null ? 0 : serving.poll(nowNs));
    }

    /** See {@link VolumeOwner#nextHedgeNs}. */
    long nextHedgeNs() {
        VolumeOwner serving = owner;
        return serving == null ? Long.MAX_VALUE : serving.nextHedgeNs();
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        VolumeOwner serving = owner;
        if (!refused.isEmpty()) {
            return Long.MIN_VALUE;
        }
        return serving == null ? Long.MAX_VALUE : serving.nextDeadlineNs();
    }
}
