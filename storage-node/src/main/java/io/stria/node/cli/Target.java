package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.supervise.SupervisorClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    Api api() {
        if (api != null && directory != null) {
            throw wrong("--api and --dir may name two clusters: say one of them");
        }
        String url = url();
        if (url != null) {
            return of(url);
        }
        return directory != null || isHere()
                ? of(directoryHere(directory))
                : of(last()).readingOnly();
    }

    /** Null if a cluster on this machine is meant. */
    private @Nullable String url() {
        String url = api != null ? api : System.getenv("STRIA_API");
        return api != null || directory == null && url != null && !url.isEmpty() ? url : null;
    }

    /** Of the cluster that a change is for; empty if it was named by its REST address. */
    Optional<ClusterDirectory> directory() {
        return url() == null ? Optional.of(directoryHere(directory)) : Optional.empty();
    }

    /** Not even an empty one is taken for none: a script's variable may be unset. */
    private Api of(String url) {
        String whole = url.contains("://") ? url : "http://" + url;
        try {
            Api.check(whole);
        } catch (IllegalArgumentException e) {
            throw wrong("'%s' is no URL: %s".formatted(url, e.getMessage()));
        }
        return new Api(List.of(whole), whole);
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(command.commandLine(), sentence);
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
