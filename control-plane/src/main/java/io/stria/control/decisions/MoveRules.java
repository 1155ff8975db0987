package io.stria.control.decisions;

import io.stria.clustermap.Placing;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;

/** How far the pages of a volume have moved. */
final class MoveRules {
    private MoveRules() {}

    static void movePages(Draft draft, Decision.MovePages move) {
        VolumeEntry volume = SyncRules.served(draft, move.vuid(), move.volumeEpoch());
        Placing placing = volume.placing();
        if (!placing.isMoving()) {
            throw Refusal.of(Outcome.STALE, "pages of volume %s do not move", volume.name());
        }
        if (placing.cursor() != move.from()) {
            throw Refusal.of(
                    Outcome.STALE,
                    "the cursor of volume %s is at page %d, not %d",
                    volume.name(),
                    placing.cursor(),
                    move.from());
        }
        long pages = volume.pages(draft.base.map().pageShift());
        if (move.to() <= move.from() || move.to() > pages) {
            throw Refusal.of(
                    Outcome.INVALID,
                    "a cursor at page %d of %d does not move to %d",
                    move.from(),
                    pages,
                    move.to());
        }
        Placing moved =
                move.to() == pages
                        ? placing.arrived()
                        : new Placing(placing.from(), placing.to(), move.to());
        draft.volumes.put(volume.vuid(), volume.withPlacing(moved));
    }
}
