package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stria map ...}. */
@Command(
        name = "map",
        description = "Show the cluster map.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = MapCommand.Show.class)
final class MapCommand extends CommandGroup {
    /** {@code map show}. */
    @Command(
            name = "show",
            description = "Show the newest cluster map.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Override
        public Integer call() {
            JsonNode map = target.api().get("/map");
            output.print(map, () -> Views.map(map));
            return ExitCode.OK;
        }
    }
}
