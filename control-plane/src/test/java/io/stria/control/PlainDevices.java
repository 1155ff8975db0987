package io.stria.control;

import io.stria.control.decisions.DeviceSpec;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LocalDevices;
import java.util.List;
import java.util.function.Supplier;

/** Devices of a node without a data plane: a tenth of each is used. */
public record PlainDevices(Supplier<List<DeviceSpec>> all) implements LocalDevices {
    @Override
    public List<DeviceSpec> specs() {
        return all.get();
    }

    @Override
    public List<DeviceFill> fills() {
        return all.get().stream().map(spec -> new DeviceFill(spec.id(), 100, 1000)).toList();
    }
}
