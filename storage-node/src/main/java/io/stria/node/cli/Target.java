package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterNode;
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
                    "REST address of any node; default: STRIA_API, else the cluster that `up` started"
                            + " last on this machine.")
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
        return of(directory());
    }

    static Api of(ClusterDirectory directory) {
        return new Api(
                directory.read().nodes().stream().map(ClusterNode::api).toList(),
                "the cluster in " + directory.path());
    }

    private ClusterDirectory directory() {
        return directory(directory);
    }

    /**
     * @param named null for the one that was started last
     * @throws ClusterException if none was ever started
     */
    static ClusterDirectory directory(@Nullable Path named) {
        return new ClusterDirectory(
                named != null
                        ? named
                        : LastCluster.find()
                                .orElseThrow(() ->
                                        new ClusterException(
                                                "no cluster was started here: run `stria"
                                                        + " up`, or name one with --api or"
                                                        + " --dir")));
    }
}
