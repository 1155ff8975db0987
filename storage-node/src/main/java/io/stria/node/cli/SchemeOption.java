package io.stria.node.cli;

import io.stria.clustermap.Scheme;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A scheme on the command line. */
final class SchemeOption implements ITypeConverter<Scheme> {
    @Override
    public Scheme convert(String text) {
        try {
            return Scheme.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
