package io.stria.control.decisions;

/** A device that a node reported and that has no slot; nothing is stored on it. */
public record UnplacedDevice(int nodeId, DeviceSpec device, String reason) {}
