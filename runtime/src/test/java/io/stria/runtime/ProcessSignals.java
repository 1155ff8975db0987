package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Signals to child processes of tests. */
public final class ProcessSignals {
    private ProcessSignals() {}

    /**
     * Returns when the process stands still, which is a little later than it was told to: one that
     * only is to be stopped, and does not yet handle SIGTERM, would be ended by it.
     */
    public static void stop(long pid) throws IOException, InterruptedException {
        signal("STOP", pid);
        while (!isStopped(pid)) {
            Thread.sleep(1);
        }
    }

    /** Lets one that was stopped go on. */
    public static void resume(long pid) throws IOException, InterruptedException {
        signal("CONT", pid);
    }

    /** All its threads: {@code 4711 (java) T 1 ...}; not, if one has just ended. */
    private static boolean isStopped(long pid) throws IOException {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        } catch (NoSuchFileException e) {
            return false;
        }
        return true;
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
        assertEquals(0, kill.waitFor());
    }
}
