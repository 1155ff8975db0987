package io.stria.node;

import java.nio.file.Path;

/**
 * What a node process is started with: {@code --dir D --id N [--started MILLIS]}.
 *
 * @param startMillis when it was started, as its parent knows it
 */
record NodeArguments(Path directory, int nodeId, long startMillis) {
    private static final String USAGE = "usage: NodeMain --dir D --id N [--started MILLIS]";

    /**
     * @throws IllegalArgumentException with a sentence
     */
    static NodeArguments parse(String[] arguments, long nowMillis) {
        Path directory = null;
        int id = 0;
        long started = nowMillis;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--dir" -> directory = Path.of(value);
                case "--id" -> id = Integer.parseInt(value);
                case "--started" -> started = Long.parseLong(value);
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        if (directory == null || id < 1 || arguments.length % 2 != 0) {
            throw new IllegalArgumentException(USAGE);
        }
        return new NodeArguments(directory, id, started);
    }
}
