package io.stria.perf.peers;

import java.io.IOException;

/**
 * On a machine so busy that a node stands still for longer than its lease, hosts lose their
 * connections: that window is nobody's, and is tried again.
 */
final class Attempts {
    private static final int COUNT = 4;
    private static final long PAUSE_MS = 3000;

    /** A window, or something before one. */
    interface Task<T> {
        T run() throws IOException, InterruptedException;
    }

    private Attempts() {}

    /**
     * @throws IOException of the last attempt
     */
    static <T> T of(String who, Task<T> task) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return task.run();
            } catch (IOException e) {
                if (attempt == COUNT) {
                    throw e;
                }
                System.err.println(who + ", once more: " + e.getMessage());
                Thread.sleep(PAUSE_MS);
            }
        }
    }
}
