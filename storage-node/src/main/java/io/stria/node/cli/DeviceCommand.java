package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stria device ...}. */
@Command(
        name = "device",
        description = "List devices.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = DeviceCommand.ListAll.class)
final class DeviceCommand extends CommandGroup {
    /** {@code device list}. */
    @Command(name = "list", description = "List the devices.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Override
        public Integer call() {
            JsonNode devices = Views.items(target.api().get("/devices"), "devices");
            output.print(devices, () -> Views.devices(devices));
            return ExitCode.OK;
        }
    }
}
