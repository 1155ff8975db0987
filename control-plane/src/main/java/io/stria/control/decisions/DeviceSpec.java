package io.stria.control.decisions;

import java.util.UUID;

/** A device as its node found it. */
public record DeviceSpec(UUID id, long sizeBytes) {}
