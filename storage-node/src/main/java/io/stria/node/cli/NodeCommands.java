package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stria.node.supervise.SupervisorClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stria node ...}. */
@Command(
        name = "node",
        description = "List nodes; start and stop those of this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            NodeCommands.ListAll.class,
            NodeCommands.Start.class,
            NodeCommands.Stop.class
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
            description = "Start a node of this machine that was stopped or killed.",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Mixin private Local local = new Local();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() {
            local.supervisor().start(id);
            return local.done("node " + id + " was started");
        }
    }

    /** {@code node stop ID}. */
    @Command(
            name = "stop",
            description = "Stop a node of this machine; the others take over.",
            mixinStandardHelpOptions = true)
    static final class Stop implements Callable<Integer> {
        @Mixin private Local local = new Local();

        @Parameters(paramLabel = "ID", description = "Of the node.")
        private int id;

        @Override
        public Integer call() {
            local.supervisor().stop(id);
            return local.done("node " + id + " has stopped");
        }
    }

    /** A cluster on this machine, through its supervisor. */
    static final class Local {
        @Mixin private Output output = new Output();

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                description = "Of the cluster; default: the one that `up` started last.")
        private @Nullable Path directory;

        SupervisorClient supervisor() {
            return SupervisorClient.of(Target.directory(directory));
        }

        int done(String sentence) {
            output.print(JsonNodeFactory.instance.objectNode(), () -> sentence + "\n");
            return ExitCode.OK;
        }
    }
}
