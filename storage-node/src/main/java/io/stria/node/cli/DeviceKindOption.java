package io.stria.node.cli;

import io.stria.node.cluster.DeviceKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A kind of device on the command line. */
final class DeviceKindOption implements ITypeConverter<DeviceKind> {
    @Override
    public DeviceKind convert(String text) {
        try {
            return DeviceKind.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
