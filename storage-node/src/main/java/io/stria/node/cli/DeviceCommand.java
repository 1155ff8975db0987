package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stria device ...}. */
@Command(
        name = "device",
        description = "List, add, drain, keep, fail and replace devices.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DeviceCommand.ListAll.class,
            DeviceCommand.Add.class,
            DeviceCommand.Drain.class,
            DeviceCommand.Keep.class,
            DeviceCommand.Fail.class,
            DeviceCommand.Replace.class
        })
final class DeviceCommand extends CommandGroup {
    private static final String ID = "Id of the device, or how it begins.";

    /** {@code device list}. */
    @Command(
            name = "list",
            description = "List the devices, also those that wait for a slot.",
            mixinStandardHelpOptions = true)
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

    /** {@code device add ID...}. */
    @Command(
            name = "add",
            description =
                    "Give slots to devices that wait for one; volumes move chunks to them at once.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();
        @Mixin private WaitOption wait = new WaitOption();

        @Parameters(paramLabel = "ID", arity = "0..*", description = ID)
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All that wait.")
        private boolean all;

        @Spec private CommandSpec command = CommandSpec.create();

        @Override
        public Integer call() throws InterruptedException {
            if (all != ids.isEmpty()) {
                throw new ParameterException(
                        command.commandLine(), "name devices that wait for a slot, or say --all");
            }
            Api api = target.api();
            DeviceIds known = DeviceIds.of(api);
            List<String> chosen = all ? known.waiting() : known.find(ids);
            ArrayNode devices = JsonNodeFactory.instance.arrayNode();
            ObjectNode change = JsonNodeFactory.instance.objectNode().put("epoch", 0);
            for (String id : chosen) {
                JsonNode answer = api.insist("/devices/" + id + "/add", Map.of());
                change.set("epoch", answer.path("epoch"));
                answer.path("devices").forEach(devices::add);
            }
            change.set("devices", devices);
            return wait.finish(output, api, change, MovementWait.Goal.SETTLED);
        }
    }

    /** {@code device drain ID}. */
    @Command(
            name = "drain",
            description =
                    "Move all chunks off a device, which serves meanwhile; then it is removed.",
            mixinStandardHelpOptions = true)
    static final class Drain extends OneDevice {
        @Override
        public Integer call() throws InterruptedException {
            return change("drain", Map.of(), MovementWait.Goal.REMOVED);
        }
    }

    /** {@code device keep ID}. */
    @Command(
            name = "keep",
            description = "Keep a device that was to be drained; what has left it comes back.",
            mixinStandardHelpOptions = true)
    static final class Keep extends OneDevice {
        @Override
        public Integer call() throws InterruptedException {
            return change("keep", Map.of(), MovementWait.Goal.SETTLED);
        }
    }

    /** {@code device fail ID --reason TEXT --data-is-lost}. */
    @Command(
            name = "fail",
            description =
                    "Give up a device that is lost for good; what it held is rebuilt on the others.",
            mixinStandardHelpOptions = true)
    static final class Fail extends OneDevice {
        @Mixin private Loss loss = new Loss();

        @Override
        public Integer call() throws InterruptedException {
            return change("fail", loss.body(), MovementWait.Goal.REMOVED);
        }
    }

    /** {@code device replace ID --by ID}. */
    @Command(
            name = "replace",
            description =
                    "Put a device that waits for a slot into the place of a lost one of its node.",
            mixinStandardHelpOptions = true)
    static final class Replace extends OneDevice {
        @Option(
                names = "--by",
                required = true,
                paramLabel = "ID",
                description = "Id of the device that waits, or how it begins.")
        private String by = "";

        @Override
        public Integer call() throws InterruptedException {
            String other = DeviceIds.of(api()).find(by);
            return change("replace", Map.of("by", other), MovementWait.Goal.SETTLED);
        }
    }

    /** What is asked of one device, and may be waited for. */
    abstract static class OneDevice implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();
        @Mixin private WaitOption wait = new WaitOption();

        @Parameters(paramLabel = "ID", description = ID)
        private String id = "";

        final Api api() {
            return target.api();
        }

        final int change(String word, Map<String, Object> body, MovementWait.Goal goal)
                throws InterruptedException {
            Api api = api();
            String path = "/devices/" + DeviceIds.of(api).find(id) + "/" + word;
            return wait.finish(output, api, api.insist(path, body), goal);
        }
    }

    /** What must be said before data is given up. */
    static final class Loss {
        @Option(
                names = "--reason",
                required = true,
                paramLabel = "TEXT",
                description = "Why; it stands in the decision.")
        private String reason = "";

        @Option(
                names = "--data-is-lost",
                description = "Yes, whatever is only there is given up for ever.")
        private boolean dataIsLost;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command = CommandSpec.create();

        Map<String, Object> body() {
            if (!dataIsLost) {
                throw new ParameterException(
                        command.commandLine(),
                        "what is on it is given up for ever: confirm with --data-is-lost");
            }
            return Map.of("reason", reason, "dataIsLost", true);
        }
    }
}
