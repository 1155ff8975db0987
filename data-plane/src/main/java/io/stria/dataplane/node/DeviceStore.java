package io.stria.dataplane.node;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.peer.PeerTarget;
import io.stria.dataplane.store.ChunkStore;
import io.stria.runtime.Clock;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A chunk store in its roles on a node: driven by the map, presented to peers, and rid of volumes
 * that are no more. Owned by the reactor.
 */
public final class DeviceStore implements StoreService, PeerTarget.Device {
    /** No owner has a higher one, so whoever attached before is fenced. */
    private static final int LAST_EPOCH = (1 << 24) - 1;

    private final ChunkStore store;
    private final Clock clock;
    private final LongSupplier associations;
    private final FragmentRequest drop = new FragmentRequest();
    private final ArrayDeque<Integer> doomed = new ArrayDeque<>();
    private final Set<Integer> dropped = new HashSet<>();
    private long leaseUntilNs;
    private boolean dropping;

    /**
     * @param associations numbers that no other client of a store uses
     */
    public DeviceStore(ChunkStore store, Clock clock, LongSupplier associations) {
        this.store = store;
        this.clock = clock;
        this.associations = associations;
    }

    @Override
    public void submit(FragmentRequest request) {
        followLease();
        store.submit(request);
    }

    @Override
    public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
        store.onVolumeEpoch(vuid, epoch, applied);
    }

    @Override
    public void leaseUntil(long deadlineNs) {
        leaseUntilNs = deadlineNs;
        followLease();
    }

    /** By the clock, not by the loop's time: the process may have stood still in the loop. */
    private void followLease() {
        store.serving(leaseUntilNs != 0 && leaseUntilNs - clock.nowNs() > 0);
    }

    @Override
    public void retainVolumes(IntPredicate exists) {
        store.forEachVolume(vuid -> {
            if (!exists.test(vuid) && dropped.add(vuid)) {
                doomed.add(vuid);
            }
        });
    }

    @Override
    public @Nullable String failure() {
        return store.failure();
    }

    @Override
    public boolean isIdle() {
        return !mayDrop() && store.isIdle();
    }

    private boolean mayDrop() {
        return !doomed.isEmpty() && store.isServing() && store.failure() == null;
    }

    @Override
    public int poll(long nowNs) {
        followLease();
        if (!dropping && mayDrop()) {
            dropping = true;
            drop.op = FragmentOp.ATTACH;
            drop.address = DeviceAddress.of(doomed.element(), 0);
            drop.fragmentBytes = 4096;
            drop.epoch = LAST_EPOCH;
            drop.association = associations.getAsLong();
            drop.completion = this::attached;
            store.submit(drop);
        }
        return store.poll(nowNs);
    }

    private void attached(FragmentRequest request, IoStatus status, long watermark) {
        if (status == IoStatus.OK) {
            drop.op = FragmentOp.DELETE;
            drop.completion = this::deleted;
            store.submit(drop);
        } else {
            dropping = false; // without a lease: again when there is one
        }
    }

    private void deleted(FragmentRequest request, IoStatus status, long result) {
        dropping = false;
        if (status == IoStatus.OK) {
            doomed.remove();
        }
    }
}
