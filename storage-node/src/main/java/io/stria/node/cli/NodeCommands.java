package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.NodeRemoval;
import io.stria.node.supervise.NodeStatus;
import io.stria.node.supervise.SupervisorClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stria node ...}. */
@Command(
        name = "node",
        description =
                "List nodes, drain, keep and fail their devices, remove them; start and stop those"
                        + " of this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            NodeCommands.ListAll.class,
            NodeCommands.Start.class,
            NodeCommands.Stop.class,
            AddNodeCommand.class,
            RejoinCommand.class,
            NodeCommands.OkToStop.class,
            NodeCommands.Drain.class,
            NodeCommands.Keep.class,
            NodeCommands.Fail.class,
            NodeCommands.Remove.class
        })
final class NodeCommands extends CommandGroup {
    /** {@code node list}. */
    @Command(name = "list", description = "List the nodes.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Override
        public Integer call() {
            JsonNode nodes = Views.items(target.api().get("/nodes"), "nodes");
            output.print(nodes, () -> Views.nodes(nodes));
            return ExitCode.OK;
        }
    }

    /** {@code node start ID}. */
    @Command(
            name = "start",
            description =
                    "Start a node of this machine that was stopped or killed; waits until it"
                            + " answers.",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Mixin private Local local = new Local();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() throws InterruptedException {
            ClusterDirectory directory = local.cluster();
            SupervisorClient supervisor = local.supervisor();
            long before = pid(supervisor);
            supervisor.start(id); // and not asked before: one that ends runs a moment longer
            if (before != 0 && pid(supervisor) == before) {
                return local.done("node %d runs already (pid %d)".formatted(id, before));
            }
            boolean counted =
                    new NodeStart(directory, supervisor, Target.of(directory), id).awaitAlone();
            return local.done(
                    "node %d %s"
                            .formatted(
                                    id,
                                    counted
                                            ? "is online"
                                            : "answers, but the cluster does not count on it yet:"
                                                    + " see `stria status`"));
        }

        /** 0 if it does not run. */
        private long pid(SupervisorClient supervisor) {
            return supervisor.running(id).map(NodeStatus::pid).orElse(0L);
        }
    }

    /** {@code node stop ID}. */
    @Command(
            name = "stop",
            description =
                    "Stop a node of this machine; the others take over. Refused where a volume would"
                            + " not stay available without it, as node ok-to-stop says.",
            mixinStandardHelpOptions = true)
    static final class Stop implements Callable<Integer> {
        @Mixin private Local local = new Local();
        @Mixin private StopQuestion question = new StopQuestion();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() {
            SupervisorClient supervisor = local.supervisor();
            boolean ran = supervisor.running(id).isPresent();
            if (ran) {
                question.ask(
                        Target.of(local.cluster()), id, "node %d is not stopped".formatted(id));
            }
            supervisor.stop(id);
            return local.done("node " + id + (ran ? " has stopped" : " did not run"));
        }
    }

    /** {@code node ok-to-stop ID}. */
    @Command(
            name = "ok-to-stop",
            description =
                    "Say whether all volumes stay available without a node, and with which reserve;"
                            + " the exit status is 0 only when they do.",
            mixinStandardHelpOptions = true)
    static final class OkToStop implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() {
            JsonNode check = StopQuestion.check(target.api(), id);
            output.print(check, () -> Views.stopCheck(check));
            return check.path("ok").asBoolean() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    /** {@code node drain ID}. */
    @Command(
            name = "drain",
            description = "Drain all devices of a node, which serve meanwhile.",
            mixinStandardHelpOptions = true)
    static final class Drain extends WholeNode {
        @Override
        public Integer call() throws InterruptedException {
            return change("drain", Map.of(), MovementWait.Goal.REMOVED);
        }
    }

    /** {@code node keep ID}. */
    @Command(
            name = "keep",
            description = "Keep all devices of a node that were to be drained.",
            mixinStandardHelpOptions = true)
    static final class Keep extends WholeNode {
        @Override
        public Integer call() throws InterruptedException {
            return change("keep", Map.of(), MovementWait.Goal.SETTLED);
        }
    }

    /** {@code node fail ID --reason TEXT --data-is-lost}. */
    @Command(
            name = "fail",
            description = "Give up all devices of a node that is lost for good.",
            mixinStandardHelpOptions = true)
    static final class Fail extends WholeNode {
        @Mixin private DeviceCommand.Loss loss = new DeviceCommand.Loss();

        @Override
        public Integer call() throws InterruptedException {
            return change("fail", loss.body(), MovementWait.Goal.REMOVED);
        }
    }

    /** {@code node remove ID}. */
    @Command(
            name = "remove",
            description =
                    "Take a node out of the cluster, for ever: one that was drained or given up,"
                            + " and is stopped.",
            mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() throws InterruptedException {
            Api api = target.api();
            Optional<ClusterDirectory> here = target.directory();
            here.ifPresent(directory -> checkThatItsClusterAnswers(api, directory));
            JsonNode removal = api.insist("/nodes/" + id + "/remove", Map.of());
            here.ifPresent(directory -> new NodeRemoval(directory).forget(id));
            String word = removal.path("before").asBoolean() ? "was removed before" : "is removed";
            String left =
                    here.map(directory -> "what it held stays in " + directory.nodeDirectory(id))
                            .orElse(
                                    "on the machine that starts it, repeat this with --dir, or"
                                            + " `up` starts it and it ends at once");
            output.print(removal, () -> "node %d %s; %s\n".formatted(id, word, left));
            return ExitCode.OK;
        }

        /** Ports of nodes that are down may be those of another cluster by now. */
        private static void checkThatItsClusterAnswers(Api api, ClusterDirectory directory) {
            String own = directory.read().clusterId().toString();
            String answers = api.get("/map").path("clusterId").asText();
            if (!answers.equals(own)) {
                throw new ClusterException(
                        "%s is of cluster %s, and where its nodes are to be cluster %s answers:"
                                        .formatted(directory.path(), own, answers)
                                + " nothing was changed");
            }
        }
    }

    /** What is asked of all devices of a node, and may be waited for. */
    abstract static class WholeNode implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();
        @Mixin private WaitOption wait = new WaitOption();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        final int change(String word, Map<String, Object> body, MovementWait.Goal goal)
                throws InterruptedException {
            Api api = target.api();
            return wait.finish(output, api, api.insist("/nodes/" + id + "/" + word, body), goal);
        }
    }

    /** A cluster on this machine, through its supervisor. */
    static final class Local {
        @Mixin private Output output = new Output();

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                description = "Of the cluster; default: the one in ./.stria.")
        private @Nullable Path directory;

        SupervisorClient supervisor() {
            return SupervisorClient.of(cluster());
        }

        ClusterDirectory cluster() {
            return Target.directoryHere(directory);
        }

        Output output() {
            return output;
        }

        int done(String sentence) {
            output.print(JsonNodeFactory.instance.objectNode(), () -> sentence + "\n");
            return ExitCode.OK;
        }
    }
}
