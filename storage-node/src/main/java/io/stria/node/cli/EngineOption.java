package io.stria.node.cli;

import io.stria.node.cluster.EngineKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An engine on the command line. */
final class EngineOption implements ITypeConverter<EngineKind> {
    @Override
    public EngineKind convert(String text) {
        try {
            return EngineKind.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
