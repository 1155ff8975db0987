package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import io.stria.placement.Feasibility;
import io.stria.runtime.Sizes;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Devices that leave, and those that take their place. */
final class DepartureRules {
    private DepartureRules() {}

    static void drain(Draft draft, Decision.DrainDevices drain) {
        boolean changed = false;
        for (UUID id : drain.deviceIds()) {
            DeviceSlot slot = lastOf(draft, id);
            switch (slot.state()) {
                case ONLINE -> {
                    draft.setState(slot, DeviceState.DRAINING);
                    changed = true;
                }
                case DRAINING, REMOVED -> {}
                case SYNCING ->
                        throw Refusal.of(
                                Outcome.NOT_READY,
                                "the device of slot %d is still catching up",
                                slot.slot());
                case UNAVAILABLE, FAILED ->
                        throw Refusal.of(
                                Outcome.CONFLICT,
                                "the device of slot %d is %s: it has nothing to give",
                                slot.slot(),
                                DeviceRules.word(slot));
            }
        }
        if (!changed) {
            throw Refusal.already();
        }
        Fits fits = new Fits(draft.soFar());
        for (VolumeEntry volume : draft.served()) {
            Feasibility left = fits.of(volume);
            if (!left.feasible()) {
                throw Refusal.of(
                        Outcome.INFEASIBLE,
                        "volume %s needs these devices: %s",
                        volume.name(),
                        left.reason());
            }
        }
    }

    static void keep(Draft draft, Decision.KeepDevices keep) {
        boolean changed = false;
        for (UUID id : keep.deviceIds()) {
            DeviceSlot slot = listed(draft, id);
            if (slot.state() == DeviceState.DRAINING) {
                draft.setState(slot, DeviceState.ONLINE);
                changed = true;
            } else if (!Settlement.present(slot)) {
                throw Refusal.of(
                        Outcome.CONFLICT,
                        "the device of slot %d is %s",
                        slot.slot(),
                        DeviceRules.word(slot));
            }
        }
        if (!changed) {
            throw Refusal.already();
        }
    }

    static void fail(Draft draft, Decision.FailDevices fail) {
        boolean changed = false;
        for (UUID id : fail.deviceIds()) {
            DeviceSlot slot = lastOf(draft, id);
            if (slot.state() != DeviceState.FAILED && slot.state() != DeviceState.REMOVED) {
                draft.setState(slot, DeviceState.FAILED);
                changed = true;
            }
        }
        if (!changed) {
            throw Refusal.already();
        }
        List<Integer> lost = fail.deviceIds().stream().map(id -> lastOf(draft, id).slot()).toList();
        Fits fits = new Fits(draft.soFar());
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            Feasibility left = fits.of(volume);
            if (!left.placeable()) {
                throw Refusal.of(
                        Outcome.INFEASIBLE,
                        "volume %s could not be rebuilt without them, so they can only be"
                                + " replaced: %s",
                        volume.name(),
                        left.reason());
            }
            markLost(draft, rule, volume, lost);
        }
    }

    static void replace(Draft draft, Decision.ReplaceDevice replace) {
        Optional<DeviceSlot> taken = DeviceRules.slot(draft, replace.byId());
        // The lost one may have left tombstones in other slots before.
        boolean isDone =
                taken.filter(Settlement::present).isPresent()
                        && DeviceRules.slot(draft, replace.lostId())
                                .filter(slot -> !slot.equals(taken.get()))
                                .isEmpty();
        if (isDone) {
            throw Refusal.already();
        }
        DeviceSlot lost = lost(draft, replace.lostId());
        UnplacedDevice by =
                draft.unplaced.stream()
                        .filter(unplaced -> unplaced.device().id().equals(replace.byId()))
                        .findFirst()
                        .orElseThrow(() ->
                                Refusal.of(
                                        Outcome.NOT_FOUND,
                                        "no node has brought a device %s that waits for a slot",
                                        replace.byId()));
        taken.ifPresent(slot -> {
            DeviceRules.checkThatItIsNotGivenUp(slot);
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "the device has slot %d on node %d",
                    slot.slot(),
                    slot.nodeId());
        });
        if (by.nodeId() != lost.nodeId()) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "slot %d is on node %d, and the device on node %d: where a slot is never"
                            + " changes",
                    lost.slot(),
                    lost.nodeId(),
                    by.nodeId());
        }
        if (by.device().sizeBytes() < lost.sizeBytes()) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "a device of %s cannot take the place of one of %s",
                    Sizes.exact(by.device().sizeBytes()),
                    Sizes.exact(lost.sizeBytes()));
        }
        draft.unplaced.remove(by);
        draft.slots.set(
                lost.slot(),
                new DeviceSlot(
                        lost.slot(),
                        by.device().id(),
                        lost.nodeId(),
                        by.device().sizeBytes(),
                        lost.weight(),
                        DeviceState.ONLINE));
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            markLost(draft, rule, volume, List.of(lost.slot()));
            // Its owner holds on to the lost device, also if nothing is there now: chunks will be.
            VolumeEntry marked = draft.volumes.get(volume.vuid());
            if (marked != null) {
                refill(draft, marked, lost.slot());
            }
        }
    }

    /**
     * Nobody can say that the device is blank: it may have served this volume before, and would
     * tell from where on it lacks something as if it had never been away.
     */
    private static void refill(Draft draft, VolumeEntry volume, int slot) {
        VolumeEntry refilled = volume;
        if (volume.placing().uses(slot)) {
            refilled = volume.withPlacing(volume.placing().incomplete(slot));
            draft.volumes.put(volume.vuid(), refilled);
        }
        draft.startOwner(refilled, refilled.owner());
    }

    private static DeviceSlot lost(Draft draft, UUID id) {
        DeviceSlot lost = lastOf(draft, id);
        return switch (lost.state()) {
            case UNAVAILABLE, REMOVED -> lost;
            case FAILED ->
                    throw Refusal.of(
                            Outcome.NOT_READY,
                            "what slot %d held is being rebuilt on other devices: it can be taken"
                                    + " again when that has ended",
                            lost.slot());
            case ONLINE, SYNCING, DRAINING ->
                    throw Refusal.of(
                            Outcome.CONFLICT,
                            "the device of slot %d is there: drain it, or stop its node first",
                            lost.slot());
        };
    }

    /** Their votes are given up for ever, so the volume must be able to do without them now. */
    static void markLost(Draft draft, BehindRule rule, VolumeEntry volume, List<Integer> lost) {
        List<Integer> used = lost.stream().filter(volume.placing()::uses).toList();
        List<Integer> missing = BehindRule.missing(volume, used);
        List<Integer> allowed = rule.allowed(volume, missing);
        for (int slot : missing) {
            if (!allowed.contains(slot)) {
                throw Refusal.of(
                        Outcome.CONFLICT,
                        "volume %s has slots %s behind already: without the device of slot %d too,"
                                + " acknowledged data could be lost",
                        volume.name(),
                        Stream.concat(
                                        volume.behind().keySet().stream(),
                                        missing.stream()
                                                .takeWhile(before -> before != slot)
                                                .filter(allowed::contains))
                                .sorted()
                                .toList(),
                        slot);
            }
        }
        if (!used.isEmpty()) {
            draft.mark(volume, used);
        }
    }

    private static DeviceSlot listed(Draft draft, UUID id) {
        return DeviceRules.slot(draft, id).orElseThrow(() -> unknown(id));
    }

    /** The slot that has the device; if there is none, the tombstone of the last one that had. */
    private static DeviceSlot lastOf(Draft draft, UUID id) {
        return DeviceRules.slot(draft, id)
                .or(() ->
                        draft.slots.stream()
                                .filter(slot -> slot.deviceId().equals(id))
                                .reduce((first, second) -> second))
                .orElseThrow(() -> unknown(id));
    }

    private static Refusal unknown(UUID id) {
        return Refusal.of(Outcome.NOT_FOUND, "no slot has the device %s", id);
    }
}
