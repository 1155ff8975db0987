package io.stria.node.metrics;

import static io.stria.node.metrics.VolumeMetrics.word;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.store.StoreStats;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What owners do with this node's devices, and how full these are. */
final class DeviceMetrics {
    private static final FragmentOp[] MOVING = {
        FragmentOp.READ, FragmentOp.READ_AT, FragmentOp.WRITE, FragmentOp.REPLACE
    };

    private DeviceMetrics() {}

    static void write(Exposition out, Map<String, DeviceFigures> devices) {
        commands(out, devices);
        out.histogram(
                "stria_device_latency_seconds",
                "From an owner's command to the store's answer, durable for writes",
                histograms ->
                        devices.forEach((id, device) -> {
                            histograms.add(device.io().reads(), "device", id, "operation", "read");
                            histograms.add(
                                    device.io().writes(), "device", id, "operation", "write");
                        }));
        written(out, devices);
        troubles(out, devices);
        gauge(
                out,
                devices,
                "stria_device_journal_bytes",
                "Size of the journal",
                StoreStats::ringBytes);
        gauge(
                out,
                devices,
                "stria_device_journal_used_bytes",
                "Part of the journal that cannot be reused yet",
                StoreStats::ringBytesUsed);
        gauge(
                out,
                devices,
                "stria_device_shadows",
                "Shadows of a full journal that are in use",
                StoreStats::shadowsUsed);
        gauge(out, devices, "stria_device_pages", "Low-level pages", StoreStats::pagesTotal);
        gauge(
                out,
                devices,
                "stria_device_pages_used",
                "Low-level pages that hold something",
                StoreStats::pagesUsed);
        gauge(
                out,
                devices,
                "stria_device_memory_bytes",
                "Memory of the store's index and buffers",
                StoreStats::memoryBytes);
        out.gauge(
                "stria_device_healthy",
                "1 while the device takes writes",
                points ->
                        devices.forEach((id, device) ->
                                points.add(device.healthy() ? 1 : 0, "device", id)));
    }

    private static void commands(Exposition out, Map<String, DeviceFigures> devices) {
        out.counter(
                "stria_device_operations",
                "Commands of owners that ended well",
                points ->
                        devices.forEach((id, device) -> {
                            for (FragmentOp op : FragmentOp.values()) {
                                points.add(
                                        device.io().done(op), "device", id, "operation", word(op));
                            }
                        }));
        out.counter(
                "stria_device_errors",
                "Commands of owners that ended otherwise",
                points ->
                        devices.forEach((id, device) -> {
                            for (FragmentOp op : FragmentOp.values()) {
                                points.add(
                                        device.io().failed(op),
                                        "device",
                                        id,
                                        "operation",
                                        word(op));
                            }
                        }));
        out.counter(
                "stria_device_bytes",
                "Data of fragments that owners moved",
                points ->
                        devices.forEach((id, device) -> {
                            for (FragmentOp op : MOVING) {
                                points.add(
                                        device.io().bytes(op), "device", id, "operation", word(op));
                            }
                        }));
    }

    private static void written(Exposition out, Map<String, DeviceFigures> devices) {
        out.counter(
                "stria_device_written_bytes",
                "Bytes written to the device; over those of owners' writes they are the write"
                        + " amplification",
                points ->
                        devices.forEach((id, device) -> {
                            StoreStats stats = device.stats();
                            points.add(
                                    stats.journalBytesWritten(), "device", id, "part", "journal");
                            points.add(stats.shadowBytesWritten(), "device", id, "part", "shadow");
                            points.add(stats.homeBytesWritten(), "device", id, "part", "home");
                            points.add(stats.headerBytesWritten(), "device", id, "part", "header");
                        }));
    }

    private static void troubles(Exposition out, Map<String, DeviceFigures> devices) {
        out.counter(
                "stria_device_media_errors",
                "What the device failed at, or returned damaged",
                points ->
                        devices.forEach((id, device) -> {
                            StoreStats stats = device.stats();
                            points.add(stats.readErrors(), "device", id, "kind", "read");
                            points.add(stats.writeErrors(), "device", id, "kind", "write");
                            points.add(stats.crcErrors(), "device", id, "kind", "checksum");
                            points.add(stats.damagedSectors(), "device", id, "kind", "sector");
                        }));
        out.counter(
                "stria_device_fenced",
                "Commands of owners that had been replaced, and questions of nodes whether they"
                        + " reach the store",
                points ->
                        devices.forEach(
                                (id, device) -> points.add(device.stats().fenced(), "device", id)));
        out.counter(
                "stria_device_no_space",
                "Commands for which no page was free",
                points ->
                        devices.forEach((id, device) ->
                                points.add(device.stats().noSpace(), "device", id)));
    }

    private static void gauge(
            Exposition out,
            Map<String, DeviceFigures> devices,
            String name,
            String help,
            ToDoubleFunction<StoreStats> value) {
        out.gauge(
                name,
                help,
                points ->
                        devices.forEach((id, device) ->
                                points.add(value.applyAsDouble(device.stats()), "device", id)));
    }
}
