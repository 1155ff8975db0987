package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.supervise.SupervisorClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command means. */
final class Target {
    @Option(
            names = "--api",
            paramLabel = "URL",
            description =
                    "REST address of any node, such as http://10.0.0.1:4422; default: STRIA_API, else"
                            + " the cluster in ./.stria, else, for what changes nothing, the one that `up`"
                            + " started last on this machine.")
    private @Nullable String api;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "The directory of a cluster on this machine, instead of --api.")
    private @Nullable Path directory;

    Api api() {
        String url = api != null ? api : System.getenv("STRIA_API");
        if (url != null && !url.isEmpty() && directory == null) {
            String whole = url.contains("://") ? url : "http://" + url;
            return new Api(List.of(whole), whole);
        }
        return directory != null || isHere()
                ? of(directoryHere(directory))
                : of(last()).readingOnly();
    }

    static Api of(ClusterDirectory directory) {
        return new Api(
                directory.read().nodes().stream().map(ClusterNode::api).toList(),
                "the cluster in " + directory.path(),
                () -> SupervisorClient.whySilent(directory));
    }

    private static ClusterDirectory last() {
        return new ClusterDirectory(
                LastCluster.find()
                        .orElseThrow(() ->
                                new ClusterException(
                                        "no cluster was started here: run `stria up`, or name one"
                                                + " with --api or --dir")));
    }

    /**
     * For what must not happen to somebody else's cluster.
     *
     * @param named null for the one here
     * @throws ClusterException if there is none here
     */
    static ClusterDirectory directoryHere(@Nullable Path named) {
        if (named == null && !isHere()) {
            throw new ClusterException(
                    "there is no cluster in ./"
                            + UpOptions.HERE
                            + LastCluster.find()
                                    .map(last ->
                                            "; the one that was started last is in %s: name it with --dir"
                                                    .formatted(last))
                                    .orElse(""));
        }
        return new ClusterDirectory(named == null ? UpOptions.HERE : named);
    }

    private static boolean isHere() {
        return Files.exists(new ClusterDirectory(UpOptions.HERE).clusterFile());
    }
}
