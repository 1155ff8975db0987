package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.VolumeRules;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * What changes make of a map, as far as {@link MapSize} looks at it, if the rules take them. The
 * rules themselves are not asked: with thousands of volumes that takes longer than a leader may
 * stand still. A change that the map shows already changes nothing.
 */
final class MapDraft {
    private final ClusterMap map;
    private final List<DeviceSlot> slots;
    private final List<VolumeEntry> volumes;

    MapDraft(ClusterMap map) {
        this.map = map;
        slots = new ArrayList<>(map.slots());
        volumes = new ArrayList<>(map.volumes());
    }

    long bytesMax() {
        return new MapSize(map, slots, volumes).bytesMax();
    }

    void change(Decision decision) {
        try {
            put(decision);
        } catch (IllegalArgumentException e) {
            // Entries of the map check themselves: the rules cannot carry it out either.
            return;
        }
    }

    private void put(Decision decision) {
        switch (decision) {
            case Decision.CreateVolume create -> create(create);
            case Decision.AddDevice add -> add(add);
            case Decision.DrainDevices drain -> drain(drain.deviceIds());
            case Decision.KeepDevices keep -> keep(keep.deviceIds());
            case Decision.FailDevices fail -> lose(fail.deviceIds());
            case Decision.LoseDevices lose ->
                    lose(lose.devices().stream().map(Decision.LostDevice::deviceId).toList());
            case Decision.ReplaceDevice replace -> replace(replace.lostId());
            case Decision.InitCluster _, Decision.RegisterNode _, Decision.NodeDown _ -> {}
            case Decision.RemoveNode _ -> {}
            case Decision.DeviceDown _, Decision.MovePages _, Decision.MarkBehind _ -> {}
            case Decision.MarkInSync _, Decision.RestartOwner _, Decision.TakeVolume _ -> {}
            case Decision.DeleteVolume _, Decision.VolumeDeleted _ -> {}
            case Decision.SetRebuildAfter _ -> {}
        }
    }

    private void create(Decision.CreateVolume create) {
        boolean isThere = volumes.stream().anyMatch(entry -> entry.name().equals(create.name()));
        boolean isTaken =
                !map.nodes().isEmpty()
                        && VolumeRules.misfit(create.name(), create.sizeBytes()) == null
                        && VolumeEntry.isLbaSize(create.lbaBytes());
        if (isThere || !isTaken) {
            return;
        }
        NodeEntry any = map.nodes().getFirst();
        volumes.add(
                new VolumeEntry(
                        VolumeEntry.VUID_MAX,
                        create.id(),
                        create.name(),
                        VolumeRules.nqn(map, create.name()),
                        create.sizeBytes(),
                        create.scheme(),
                        create.tolerance(),
                        VolumeState.ONLINE,
                        1,
                        any.id(),
                        List.of(any.id()),
                        new TreeMap<>(),
                        create.lbaBytes(),
                        Placing.settled(SlotList.wanted(slots))));
    }

    private void add(Decision.AddDevice add) {
        UUID id = add.device().id();
        boolean isThere = slots.stream().anyMatch(slot -> isListed(slot) && isOf(id).test(slot));
        if (!isThere) {
            slots.add(
                    new DeviceSlot(
                            slots.size(),
                            id,
                            add.nodeId(),
                            add.device().sizeBytes(),
                            DeviceSlot.WEIGHT_MAX,
                            DeviceState.ONLINE));
        }
    }

    private void drain(List<UUID> devices) {
        put(devices, slot -> slot.state() != DeviceState.FAILED, DeviceState.DRAINING);
    }

    private void keep(List<UUID> devices) {
        put(devices, slot -> slot.state() == DeviceState.DRAINING, DeviceState.ONLINE);
    }

    private void lose(List<UUID> devices) {
        put(devices, slot -> true, DeviceState.FAILED);
    }

    /** Only devices that have slots, not those that were removed. */
    private void put(List<UUID> devices, Predicate<DeviceSlot> condition, DeviceState state) {
        slots.replaceAll(slot ->
                isListed(slot) && devices.contains(slot.deviceId()) && condition.test(slot)
                        ? slot.withState(state)
                        : slot);
    }

    /** The slot that it has, or had last; the others stay tombstones. */
    private void replace(UUID lost) {
        slots.stream()
                .filter(isOf(lost))
                .reduce((first, second) -> isListed(first) ? first : second)
                .ifPresent(slot -> slots.set(slot.slot(), slot.withState(DeviceState.ONLINE)));
    }

    private static boolean isListed(DeviceSlot slot) {
        return slot.state() != DeviceState.REMOVED;
    }

    private static Predicate<DeviceSlot> isOf(UUID device) {
        return slot -> slot.deviceId().equals(device);
    }
}
