package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code stria settings}. */
@Command(
        name = "settings",
        description = "Show what is set for the whole cluster, or set it.",
        mixinStandardHelpOptions = true)
final class SettingsCommand implements Callable<Integer> {
    private static final String PATH = "/settings";

    @Mixin private Target target = new Target();
    @Mixin private Output output = new Output();

    @Option(
            names = "--rebuild-after",
            paramLabel = "TIME",
            converter = SecondsOption.class,
            description = {
                "A device that is away for longer is taken for lost, and what it held is",
                "rebuilt on the others: such as 90s, 10m (at first), 2h, or never.",
                "Shorter than a node needs to start, and every start of one is a loss."
            })
    private @Nullable Long rebuildAfterSeconds;

    @Override
    public Integer call() throws InterruptedException {
        Api api = target.api();
        JsonNode settings =
                rebuildAfterSeconds == null
                        ? api.get(PATH)
                        : api.insist(PATH, Map.of("rebuildAfterSeconds", rebuildAfterSeconds));
        output.print(settings, () -> Views.settings(settings));
        return ExitCode.OK;
    }

    /** A time in whole seconds; {@code never} is 0. */
    static final class SecondsOption implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            String word = text.strip();
            if (word.equals("never")) {
                return 0L;
            }
            if (!word.matches("[1-9]\\d{0,8}[smh]")) {
                throw new TypeConversionException(
                        "'" + text + "' is no time: write 90s, 10m, 2h or never");
            }
            long number = Long.parseLong(word.substring(0, word.length() - 1));
            return switch (word.charAt(word.length() - 1)) {
                case 'h' -> number * 3600;
                case 'm' -> number * 60;
                default -> number;
            };
        }
    }
}
