package io.stria.node.cli;

import io.stria.runtime.Sizes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size on the command line. */
final class SizeOption implements ITypeConverter<Long> {
    /** For the help of such an option. */
    static final String UNITS = "Units are binary: 8G, 8GB and 8GiB are all 8 x 1024^3 bytes.";

    @Override
    public Long convert(String text) {
        try {
            return Sizes.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
