package io.stria.node;

import io.stria.node.cluster.EngineKind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a node process is started with: {@code --dir D --id N [--start N] [--engine E] [--heartbeat
 * PATH]}.
 *
 * @param start names the process, as its parent knows it; see {@code Incarnation.start}
 * @param engine in place of the one that the cluster was made with
 * @param heartbeat shared memory of the parent, if it watches
 */
record NodeArguments(
        Path directory,
        int nodeId,
        long start,
        @Nullable EngineKind engine,
        @Nullable Path heartbeat) {
    private static final String USAGE =
            "usage: NodeMain --dir D --id N [--start N] [--engine auto|io_uring|nio]"
                    + " [--heartbeat PATH]";

    /**
     * @param otherwise the start when none is given
     * @throws IllegalArgumentException with a sentence
     */
    static NodeArguments parse(String[] arguments, long otherwise) {
        Path directory = null;
        int id = 0;
        long start = otherwise;
        EngineKind engine = null;
        Path heartbeat = null;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--dir" -> directory = Path.of(value);
                case "--id" -> id = Integer.parseInt(value);
                case "--start" -> start = Long.parseLong(value);
                case "--engine" -> engine = EngineKind.parse(value);
                case "--heartbeat" -> heartbeat = Path.of(value);
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        if (directory == null || id < 1 || arguments.length % 2 != 0) {
            throw new IllegalArgumentException(USAGE);
        }
        return new NodeArguments(directory, id, start, engine, heartbeat);
    }
}
