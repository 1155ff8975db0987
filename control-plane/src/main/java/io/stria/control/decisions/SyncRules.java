package io.stria.control.decisions;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which locations an acknowledged write may miss. */
final class SyncRules {
    private SyncRules() {}

    static void markBehind(Draft draft, Decision.MarkBehind mark) {
        VolumeEntry volume = served(draft, mark.vuid(), mark.volumeEpoch());
        if (mark.slot() < 0 || mark.slot() >= draft.slots.size()) {
            throw Refusal.of(Outcome.NOT_FOUND, "there is no slot %d", mark.slot());
        }
        if (!volume.placing().uses(mark.slot())) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "volume %s has nothing on slot %d",
                    volume.name(),
                    mark.slot());
        }
        if (!new BehindRule(draft).allows(volume, mark.slot())) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "volume %s has slots %s behind: with slot %d, pages could have more than %d"
                            + " chunks behind",
                    volume.name(),
                    volume.behind().keySet(),
                    mark.slot(),
                    BehindRule.LOSSES_MAX);
        }
        draft.mark(volume, mark.slot());
    }

    static void markInSync(Draft draft, Decision.MarkInSync mark) {
        VolumeEntry volume = served(draft, mark.vuid(), mark.volumeEpoch());
        Long marked = volume.behind().get(mark.slot());
        if (marked == null) {
            throw Refusal.already();
        }
        if (marked != mark.markEpoch()) {
            throw Refusal.of(
                    Outcome.STALE,
                    "slot %d of volume %s was marked at epoch %d, after the mark of epoch %d that"
                            + " was caught up with",
                    mark.slot(),
                    volume.name(),
                    marked,
                    mark.markEpoch());
        }
        if (Settlement.absent(draft, draft.slots.get(mark.slot()))) {
            throw Refusal.of(Outcome.STALE, "the device of slot %d is away", mark.slot());
        }
        SortedMap<Integer, Long> behind = new TreeMap<>(volume.behind());
        behind.remove(mark.slot());
        draft.volumes.put(
                volume.vuid(),
                volume.withBehind(behind).withPlacing(volume.placing().complete(mark.slot())));
    }

    /** The volume, if this is the present start of its owner. */
    static VolumeEntry served(Draft draft, int vuid, int volumeEpoch) {
        VolumeEntry volume = draft.volumes.get(vuid);
        if (volume == null) {
            throw Refusal.of(Outcome.NOT_FOUND, "there is no volume with VUID %d", vuid);
        }
        if (volume.epoch() != volumeEpoch) {
            throw Refusal.of(
                    Outcome.STALE,
                    "volume %s is at epoch %d, not %d",
                    volume.name(),
                    volume.epoch(),
                    volumeEpoch);
        }
        return volume;
    }
}
