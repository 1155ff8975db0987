package io.stria.node;

import java.nio.file.Path;

/**
 * What a node process is started with: {@code --dir D --id N [--start N]}.
 *
 * @param start names the process, as its parent knows it; see {@code Incarnation.start}
 */
record NodeArguments(Path directory, int nodeId, long start) {
    private static final String USAGE = "usage: NodeMain --dir D --id N [--start N]";

    /**
     * @param otherwise the start when none is given
     * @throws IllegalArgumentException with a sentence
     */
    static NodeArguments parse(String[] arguments, long otherwise) {
        Path directory = null;
        int id = 0;
        long start = otherwise;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--dir" -> directory = Path.of(value);
                case "--id" -> id = Integer.parseInt(value);
                case "--start" -> start = Long.parseLong(value);
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        if (directory == null || id < 1 || arguments.length % 2 != 0) {
            throw new IllegalArgumentException(USAGE);
        }
        return new NodeArguments(directory, id, start);
    }
}
