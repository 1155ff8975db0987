package io.stria.node;

import io.stria.control.ControlPlane;
import io.stria.control.decisions.Decision;
import io.stria.dataplane.volume.MapProposals;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes what owners propose to the control plane. What is proposed before that runs is lost, and
 * owners propose again.
 */
final class Proposals implements MapProposals {
    private final int nodeId;
    private final ProposalLog log = new ProposalLog();
    private volatile @Nullable ControlPlane control;

    Proposals(int nodeId) {
        this.nodeId = nodeId;
    }

    void goTo(ControlPlane started) {
        control = started;
    }

    @Override
    public void markBehind(int vuid, int epoch, int slot, String reason) {
        propose(new Decision.MarkBehind(vuid, epoch, slot, reason));
    }

    @Override
    public void markInSync(int vuid, int epoch, int slot, long markEpoch) {
        propose(new Decision.MarkInSync(vuid, epoch, slot, markEpoch));
    }

    @Override
    public void movePages(
            int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without) {
        propose(new Decision.MovePages(vuid, epoch, since, from, to, without));
    }

    @Override
    public void deviceDown(UUID deviceId, String reason) {
        ControlPlane started = control;
        if (started != null) {
            started.deviceDown(deviceId, reason, log::log);
        }
    }

    @Override
    public void serving(int vuid, int epoch) {
        ControlPlane started = control;
        if (started != null) {
            started.serving(vuid, epoch);
        }
    }

    @Override
    public void cutOff(int vuid, int epoch) {
        ControlPlane started = control;
        if (started != null) {
            started.cutOff(vuid, epoch);
        }
    }

    @Override
    public void takeVolume(int vuid, int epoch) {
        propose(new Decision.TakeVolume(vuid, epoch, nodeId));
    }

    private void propose(Decision decision) {
        ControlPlane started = control;
        if (started != null) {
            started.proposeUnderLease(decision, result -> log.log(decision, result));
        }
    }
}
