package io.stria.control.rest;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaderView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How full devices are, as far as they have told. */
final class DeviceFills {
    private final ObservedCluster cluster;
    private final Map<UUID, DeviceFill> fills;

    DeviceFills(ObservedCluster cluster) {
        this.cluster = cluster;
        LeaderView leader = cluster.leader();
        this.fills =
                (leader == null ? List.<DeviceFill>of() : leader.fills())
                        .stream()
                                .collect(
                                        Collectors.toMap(
                                                DeviceFill::deviceId,
                                                Function.identity(),
                                                (one, other) -> one));
    }

    /** Those that chunks are read from and written to, and have told how full they are. */
    Stream<DeviceSlot> filled() {
        return cluster.map().slots().stream()
                .filter(slot ->
                        slot.state() != DeviceState.REMOVED && slot.state() != DeviceState.FAILED)
                .filter(slot -> !cluster.isAway(slot) && fills.containsKey(slot.deviceId()));
    }

    DeviceFill fill(DeviceSlot slot) {
        return Objects.requireNonNull(fills.get(slot.deviceId()));
    }

    ClusterJson.@Nullable Space space() {
        if (filled().findAny().isEmpty()) {
            return null;
        }
        return new ClusterJson.Space(
                bytes(filled().mapToLong(slot -> fill(slot).pagesUsed()).sum()),
                bytes(filled().mapToLong(slot -> fill(slot).pagesTotal()).sum()),
                filled().mapToDouble(slot -> fill(slot).percent()).max().orElse(0));
    }

    /** A page of a store holds a chunk. */
    private long bytes(long chunks) {
        return chunks * (512L << cluster.map().pageShift());
    }

    @Nullable Long bytes(UUID device, ToLongFunction<DeviceFill> chunks) {
        DeviceFill fill = fills.get(device);
        return fill == null ? null : (Long) bytes(chunks.applyAsLong(fill));
    }
}
