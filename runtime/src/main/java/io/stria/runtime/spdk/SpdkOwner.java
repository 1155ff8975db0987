package io.stria.runtime.spdk;

import java.util.UUID;

/**
 * Who writes to a device: the same at every start, so that a start knows what an earlier one of its
 * own has left, and what somebody else has.
 *
 * @param node whose reservations it may take over
 * @param device names the host to the device; no two devices of a process have the same
 */
public record SpdkOwner(UUID node, UUID device) {}
