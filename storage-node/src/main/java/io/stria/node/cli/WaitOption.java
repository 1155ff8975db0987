package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether a command returns at once or when the chunks that it moves have moved. */
final class WaitOption {
    @Option(
            names = "--wait",
            description = "Return when the chunks have moved, and say how far they are until then.")
    private boolean wait;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /**
     * Prints what came of a change, after waiting if that was asked for.
     *
     * @param change REST's answer with the devices that it was about
     */
    int finish(Output output, Api api, JsonNode change, MovementWait.Goal goal)
            throws InterruptedException {
        JsonNode devices = change.path("devices");
        if (wait && !devices.isEmpty()) {
            devices = await(api, devices, goal);
        }
        JsonNode now = devices;
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.set("epoch", change.path("epoch"));
        result.set("devices", now);
        output.print(
                result, () -> now.isEmpty() ? "there was nothing to change\n" : Views.devices(now));
        return ExitCode.OK;
    }

    private JsonNode await(Api api, JsonNode devices, MovementWait.Goal goal)
            throws InterruptedException {
        List<String> ids = new ArrayList<>();
        devices.forEach(device -> ids.add(device.path("id").asText()));
        new MovementWait(api, new Progress(command.commandLine().getErr())).await(ids, goal);
        ArrayNode now = JsonNodeFactory.instance.arrayNode();
        for (JsonNode device : Views.items(api.get("/devices"), "devices")) {
            if (ids.contains(device.path("id").asText())) {
                now.add(device);
            }
        }
        return now;
    }
}
