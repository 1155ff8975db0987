package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.NodeAddition;
import io.stria.node.supervise.DirectoryLock;
import io.stria.node.supervise.SupervisorClient;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stria node add}. */
@Command(
        name = "add",
        description =
                "Make and start one more node of a cluster that `up` made on this machine, and add"
                        + " its devices: volumes move chunks to them.",
        mixinStandardHelpOptions = true)
final class AddNodeCommand implements Callable<Integer> {
    @Mixin private NodeCommands.Local local = new NodeCommands.Local();
    @Mixin private WaitOption wait = new WaitOption();
    @Spec private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--devices",
            paramLabel = "N",
            description = "Devices; default: as many as the last node has.")
    private int devices;

    @Option(
            names = "--device-size",
            paramLabel = "SIZE",
            converter = SizeOption.class,
            description =
                    "Of each, sparse; default: as those of the last node. " + SizeOption.UNITS)
    private long deviceBytes;

    @Override
    public Integer call() throws InterruptedException {
        ClusterDirectory directory = local.cluster();
        SupervisorClient supervisor = SupervisorClient.of(directory);
        Progress progress = new Progress(command.commandLine().getErr());
        NodeAddition addition = new NodeAddition(directory);
        ClusterNode node = addition.plan(devices, deviceBytes);
        addition.make(node);
        progress.say(
                "node %d is made in %s".formatted(node.id(), directory.nodeDirectory(node.id())));
        Api api = Target.of(directory);
        start(new NodeStart(directory, supervisor, api, node.id()), directory, node);
        progress.say("node " + node.id() + " has registered");
        return wait.finish(local.output(), api, add(api, node), MovementWait.Goal.SETTLED);
    }

    /** One that cannot even format its devices would be in the way of every later start. */
    private static void start(NodeStart start, ClusterDirectory directory, ClusterNode node)
            throws InterruptedException {
        try {
            start.start();
        } catch (ClusterException e) {
            if (isGone(start, directory, node, e)) {
                throw new ClusterException(e.getMessage() + "; the cluster is without it", e);
            }
            throw e;
        }
    }

    private static boolean isGone(
            NodeStart start, ClusterDirectory directory, ClusterNode node, ClusterException why) {
        try {
            return !start.status().running() && takesBack(directory, node);
        } catch (ClusterException e) {
            throw new ClusterException(why.getMessage() + "; and " + e.getMessage(), why);
        }
    }

    private static boolean takesBack(ClusterDirectory directory, ClusterNode node) {
        try (DirectoryLock lock =
                DirectoryLock.take(
                        directory.nodeDirectory(node.id()).resolve("lock"), "node " + node.id())) {
            assert lock != null;
            return new NodeAddition(directory).takeBack(node);
        }
    }

    private static ObjectNode add(Api api, ClusterNode node) throws InterruptedException {
        ArrayNode added = JsonNodeFactory.instance.arrayNode();
        ObjectNode change = JsonNodeFactory.instance.objectNode().put("epoch", 0);
        for (ClusterDevice device : node.devices()) {
            JsonNode answer = api.insist("/devices/" + device.id() + "/add", Map.of());
            change.set("epoch", answer.path("epoch"));
            answer.path("devices").forEach(added::add);
        }
        change.set("devices", added);
        return change;
    }
}
