package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;

/**
 * ATTACH, DELETE and changes of the map: they wait until every older command of the VUID is durable
 * or dropped. From the moment they arrive, what is older is refused.
 */
final class Barriers implements Completions.Listener {
    private final Completions completions;
    private final Changes changes;
    private final Vuids vuids;
    private final LostPages lost;
    private final int pageShift;

    Barriers(Completions completions, Changes changes, Vuids vuids, LostPages lost, int pageShift) {
        this.completions = completions;
        this.changes = changes;
        this.vuids = vuids;
        this.lost = lost;
        this.pageShift = pageShift;
    }

    void attach(FragmentRequest request, VuidState vuid) {
        StoreOp op = completions.begin(request, vuid, pageShift);
        op.state = StoreOp.State.BARRIER;
        if (request.epoch < vuid.epoch || isLate(request, vuid)) {
            completions.finish(op, IoStatus.FENCED, 0);
            return;
        }
        vuid.epoch = request.epoch;
        vuid.association = request.association;
        vuid.associationEpoch = request.epoch;
        vuid.attached = true;
        changes.dropFenced(vuid);
        onOldestChanged(vuid);
    }

    /**
     * The owner has attached anew since it sent this, over a connection that it has made since:
     * what it sent over the one before still comes when the network has held it back for long.
     */
    private static boolean isLate(FragmentRequest request, VuidState vuid) {
        return vuid.attached
                && request.epoch == vuid.associationEpoch
                && request.association < vuid.association;
    }

    void delete(StoreOp op) {
        op.state = StoreOp.State.BARRIER;
        op.driver = changes;
        onOldestChanged(op.vuid);
    }

    void onVolumeEpoch(int vuidNumber, int epoch, Runnable applied) {
        VuidState vuid = vuids.get(vuidNumber);
        vuid.epoch = Math.max(vuid.epoch, epoch);
        StoreOp op = completions.begin(StoreOp.NO_REQUEST, vuid, pageShift);
        op.state = StoreOp.State.BARRIER;
        op.applied = applied;
        changes.dropFenced(vuid);
        onOldestChanged(vuid);
    }

    @Override
    public void onOldestChanged(VuidState vuid) {
        StoreOp oldest = vuid.first;
        if (oldest == null || oldest.state != StoreOp.State.BARRIER) {
            return;
        }
        if (oldest.request.op == FragmentOp.DELETE) {
            oldest.state = StoreOp.State.WAITING;
            changes.submit(oldest);
        } else {
            // Telling the next of its turn happens from within.
            completions.finish(
                    oldest,
                    IoStatus.OK,
                    lost.mayHold(vuid) ? FragmentFormat.FORGETFUL : vuid.durable);
        }
    }
}
