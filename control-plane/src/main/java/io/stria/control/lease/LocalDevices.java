package io.stria.control.lease;

import io.stria.control.decisions.DeviceSpec;
import java.util.List;

/** The devices that a node has now: there, and taking writes. Asked by the control thread. */
public interface LocalDevices {
    /** For its registration. */
    List<DeviceSpec> specs();

    /** The same ones, as full as they were when last looked at; for its renewals. */
    List<DeviceFill> fills();
}
