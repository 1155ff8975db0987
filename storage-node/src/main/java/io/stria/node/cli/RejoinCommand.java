package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.Rejoining;
import io.stria.node.supervise.DirectoryLock;
import io.stria.node.supervise.SupervisorClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code stria node rejoin ID}. Each step looks at what is there, so a run that was cut short is
 * finished by the next one.
 */
@Command(
        name = "rejoin",
        description =
                "Bring back a node of this machine whose devices were wiped: format those of the"
                        + " cluster's file that are blank, start the node, and let them take the"
                        + " places of the lost ones, which the owners of volumes then fill. A device"
                        + " that holds anything is never formatted.",
        mixinStandardHelpOptions = true)
final class RejoinCommand implements Callable<Integer> {
    private static final long LOOK_MS = 300;
    private static final long LISTED_NS = TimeUnit.SECONDS.toNanos(30);

    @Mixin private NodeCommands.Local local = new NodeCommands.Local();
    @Mixin private WaitOption wait = new WaitOption();
    @Mixin private StopQuestion question = new StopQuestion();
    @Spec private CommandSpec command = CommandSpec.create();

    @Parameters(paramLabel = "ID", description = "Of the node.")
    private int id;

    @Override
    public Integer call() throws InterruptedException {
        ClusterDirectory directory = local.cluster();
        SupervisorClient supervisor = SupervisorClient.of(directory);
        Api api = Target.of(directory);
        Progress progress = new Progress(command.commandLine().getErr());
        ClusterNode node = directory.read().node(id);
        NodeStart start = new NodeStart(directory, supervisor, api, id);
        if (!new Rejoining(directory).blank(node).isEmpty()) {
            if (start.status().running()) {
                // It may run on those devices that it still has.
                question.ask(api, id, "node %d runs and would have to stop".formatted(id));
                supervisor.stop(id);
            }
            node = renew(directory, node, progress);
        }
        start.start();
        progress.say("node " + id + " has registered");
        JsonNode devices = devices(api, node);
        LostDevices lost = new LostDevices(node, devices);
        ObjectNode change = replace(api, lost.pairs(), progress);
        for (String sentence : lost.leftOver()) {
            progress.say(sentence);
        }
        return wait.finish(local.output(), api, change, MovementWait.Goal.SETTLED);
    }

    /** Once all of the node's are among them: only a leader knows those that wait for a slot. */
    private static JsonNode devices(Api api, ClusterNode node) throws InterruptedException {
        long startNs = System.nanoTime();
        while (true) {
            JsonNode devices = Views.items(api.get("/devices"), "devices");
            int there = 0;
            for (JsonNode device : devices) {
                boolean away = device.path("state").asText().equals("unavailable");
                there += !away && device.path("node").asInt() == node.id() ? 1 : 0;
            }
            if (there >= node.devices().size() || System.nanoTime() - startNs > LISTED_NS) {
                return devices;
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private ClusterNode renew(ClusterDirectory directory, ClusterNode before, Progress progress) {
        try (DirectoryLock lock =
                DirectoryLock.take(directory.nodeDirectory(id).resolve("lock"), "node " + id)) {
            assert lock != null;
            ClusterNode now = new Rejoining(directory).renew(id);
            for (ClusterDevice device : now.devices()) {
                if (!before.devices().contains(device)) {
                    progress.say(
                            "%s is blank and becomes device %s"
                                    .formatted(directory.devicePath(device), device.id()));
                }
            }
            return now;
        }
    }

    private static ObjectNode replace(Api api, List<LostDevices.Pair> pairs, Progress progress)
            throws InterruptedException {
        ArrayNode devices = JsonNodeFactory.instance.arrayNode();
        ObjectNode change = JsonNodeFactory.instance.objectNode().put("epoch", 0);
        for (LostDevices.Pair pair : pairs) {
            JsonNode answer =
                    api.insist("/devices/" + pair.lost() + "/replace", Map.of("by", pair.by()));
            progress.say(
                    "device %s takes slot %d of device %s"
                            .formatted(pair.by(), pair.slot(), pair.lost()));
            change.set("epoch", answer.path("epoch"));
            answer.path("devices").forEach(devices::add);
        }
        change.set("devices", devices);
        return change;
    }
}
