package io.stria.node.metrics;

import io.stria.dataplane.device.IoStatus;
import io.stria.nvmf.IoCounters;
import io.stria.nvmf.IoCounters.Kind;
import java.util.Locale;
import java.util.Map;

/** What hosts do with the volumes presented here. */
final class VolumeMetrics {
    private VolumeMetrics() {}

    static void write(
            Exposition out, Map<String, IoCounters> volumes, Map<String, Long> caughtUpBlocks) {
        out.counter(
                "stria_volume_operations",
                "Commands of hosts that ended well",
                points ->
                        volumes.forEach((name, io) -> {
                            for (Kind kind : Kind.values()) {
                                points.add(io.done(kind), "volume", name, "operation", word(kind));
                            }
                        }));
        out.counter(
                "stria_volume_bytes",
                "Data that they moved; a check is a Compare or Verify",
                points ->
                        volumes.forEach((name, io) -> {
                            for (Kind kind : new Kind[] {Kind.READ, Kind.WRITE, Kind.CHECK}) {
                                points.add(io.bytes(kind), "volume", name, "operation", word(kind));
                            }
                        }));
        out.counter(
                "stria_volume_errors",
                "Commands of hosts that ended otherwise",
                points ->
                        volumes.forEach((name, io) -> {
                            for (IoStatus status : IoStatus.values()) {
                                if (status != IoStatus.OK) {
                                    points.add(
                                            io.ended(status),
                                            "volume",
                                            name,
                                            "status",
                                            word(status));
                                }
                            }
                        }));
        out.counter(
                "stria_volume_refused",
                "Commands of hosts that were sent to another path",
                points -> volumes.forEach((name, io) -> points.add(io.refused(), "volume", name)));
        out.histogram(
                "stria_volume_latency_seconds",
                "From a command's arrival to its device's answer, of those that ended well",
                histograms ->
                        volumes.forEach((name, io) -> {
                            for (Kind kind : Kind.values()) {
                                if (isShown(kind) || io.done(kind) > 0) {
                                    histograms.add(
                                            io.latency(kind),
                                            "volume",
                                            name,
                                            "operation",
                                            word(kind));
                                }
                            }
                        }));
        out.gauge(
                "stria_volume_caught_up_blocks",
                "Blocks that the catch-up of a returned device has made equal so far; 0 without"
                        + " one, and where the volume is not owned",
                points ->
                        volumes.keySet()
                                .forEach(name ->
                                        points.add(
                                                caughtUpBlocks.getOrDefault(name, 0L),
                                                "volume",
                                                name)));
    }

    /** The others take their forty series only once they are used. */
    private static boolean isShown(Kind kind) {
        return kind == Kind.READ || kind == Kind.WRITE;
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
