package io.stria.node.metrics;

import io.stria.dataplane.store.StoreIo;
import io.stria.dataplane.store.StoreStats;

/**
 * Of one device.
 *
 * @param io live
 * @param stats as the reactor last looked
 */
public record DeviceFigures(StoreIo io, StoreStats stats, boolean healthy) {}
