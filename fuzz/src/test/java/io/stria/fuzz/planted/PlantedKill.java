package io.stria.fuzz.planted;

import java.io.IOException;

/** Has its own process killed under way, as the kernel does where memory runs out. */
public final class PlantedKill {
    private static final int RUNS = 1_000;

    private static int runs;

    private PlantedKill() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException, InterruptedException {
        if (++runs == RUNS) {
            long self = ProcessHandle.current().pid();
            new ProcessBuilder("kill", "-KILL", Long.toString(self)).start().waitFor();
        }
    }
}
