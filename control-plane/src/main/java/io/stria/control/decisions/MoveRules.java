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
        if (!placing.isMoving() || placing.since() != move.since()) {
            throw Refusal.of(
                    Outcome.STALE,
                    "the movement of volume %s that began at epoch %d has ended",
                    volume.name(),
                    move.since());
        }
        if (placing.isHeld()) {
            throw Refusal.of(
                    Outcome.NOT_READY,
                    "pages of volume %s may not move to where slots %s are behind",
                    volume.name(),
                    volume.behind().keySet());
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
        for (int slot : move.without()) {
            if (!volume.behind().containsKey(slot) || !placing.to().contains(slot)) {
                throw Refusal.of(
                        Outcome.STALE,
                        "volume %s has chunks for slot %d, which is not behind",
                        volume.name(),
                        slot);
            }
        }
        draft.volumes.put(
                volume.vuid(), volume.withPlacing(placing.moved(move.to(), pages, move.without())));
        // What was compared so far does not say that they have these chunks.
        for (int slot : move.without()) {
            VolumeEntry moved = draft.volumes.get(volume.vuid());
            if (moved != null) {
                draft.mark(moved, slot);
            }
        }
    }
}
