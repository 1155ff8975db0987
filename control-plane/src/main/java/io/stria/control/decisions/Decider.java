package io.stria.control.decisions;

import io.stria.control.decisions.Result.Outcome;

/** The state machine: a state and a decision give the next state and a result, always the same. */
public final class Decider {
    private Decider() {}

    /** A state after a decision, and what to answer its proposer. */
    public record Step(ClusterState state, Result result) {}

    /** Refusals leave the state as it was; this never throws. */
    public static Step apply(ClusterState state, Decision decision) {
        try {
            Draft draft = new Draft(state);
            ClusterState next = change(draft, decision);
            return new Step(next, new Result(Outcome.DONE, next.map().epoch(), ""));
        } catch (Refusal refusal) {
            return unchanged(state, refusal.outcome(), refusal.detail());
        } catch (IllegalArgumentException e) {
            // Entries of the map check themselves; they know the limits best.
            return unchanged(state, Outcome.INVALID, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            return unchanged(state, Outcome.INTERNAL, e.toString());
        }
    }

    private static ClusterState change(Draft draft, Decision decision) {
        if (decision instanceof Decision.InitCluster init) {
            return NodeRules.init(draft.base, init);
        }
        if (!draft.base.initialised()) {
            throw Refusal.of(Outcome.NOT_READY, "the cluster has not been made yet");
        }
        switch (decision) {
            case Decision.InitCluster init ->
                    throw new AssertionError("handled above: " + init.clusterId());
            case Decision.RegisterNode register -> NodeRules.register(draft, register);
            case Decision.NodeDown down -> NodeRules.down(draft, down);
            case Decision.RemoveNode remove -> NodeRules.remove(draft, remove);
            case Decision.AddDevice add -> DeviceRules.add(draft, add);
            case Decision.DeviceDown down -> DeviceRules.down(draft, down);
            case Decision.DrainDevices drain -> DepartureRules.drain(draft, drain);
            case Decision.KeepDevices keep -> DepartureRules.keep(draft, keep);
            case Decision.FailDevices fail -> DepartureRules.fail(draft, fail);
            case Decision.LoseDevices lose -> LossRules.lose(draft, lose);
            case Decision.ReplaceDevice replace -> DepartureRules.replace(draft, replace);
            case Decision.MovePages move -> MoveRules.movePages(draft, move);
            case Decision.MarkBehind mark -> SyncRules.markBehind(draft, mark);
            case Decision.MarkInSync mark -> SyncRules.markInSync(draft, mark);
            case Decision.RestartOwner restart -> VolumeRules.restartOwner(draft, restart);
            case Decision.TakeVolume take -> VolumeRules.take(draft, take);
            case Decision.CreateVolume create -> VolumeRules.create(draft, create);
            case Decision.DeleteVolume delete -> VolumeRules.delete(draft, delete);
            case Decision.VolumeDeleted deleted -> VolumeRules.deleted(draft, deleted);
            case Decision.SetRebuildAfter set -> LossRules.setRebuildAfter(draft, set);
        }
        Settlement.settle(draft);
        return draft.finish();
    }

    private static Step unchanged(ClusterState state, Outcome outcome, String detail) {
        return new Step(state, new Result(outcome, state.map().epoch(), detail));
    }
}
