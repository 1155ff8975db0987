package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stria status}. */
@Command(
        name = "status",
        description = "Say how the cluster is; the exit status is 0 only when it is healthy.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin private Target target = new Target();
    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        JsonNode cluster = target.api().getFirst("/cluster", Views::knowsLeader);
        output.print(cluster, () -> Views.cluster(cluster));
        return Views.isHealthy(cluster) ? ExitCode.OK : ExitCode.FAILED;
    }
}
