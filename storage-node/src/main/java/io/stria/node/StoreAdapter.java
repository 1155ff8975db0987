package io.stria.node;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.peer.PeerTarget;
import io.stria.dataplane.store.ChunkStore;
import java.util.function.IntPredicate;

/** A chunk store in its two roles on a node: driven by the map, and presented to peers. */
record StoreAdapter(ChunkStore store) implements StoreService, PeerTarget.Device {
    @Override
    public void submit(FragmentRequest request) {
        store.submit(request);
    }

    @Override
    public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
        store.onVolumeEpoch(vuid, epoch, applied);
    }

    @Override
    public void serving(boolean lease) {
        store.serving(lease);
    }

    @Override
    public void retainVolumes(IntPredicate exists) {
        store.retainVolumes(exists);
    }

    @Override
    public int poll(long nowNs) {
        return store.poll(nowNs);
    }
}
