package io.stria.control.lease;

import java.util.UUID;

/** A device with chunks that the leader has seen away for so long. */
public record AwayDevice(UUID deviceId, long seconds) {}
