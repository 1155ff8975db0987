package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ProcessIdTest {
    private static Process sleeper() throws IOException {
        return new ProcessBuilder("sleep", "60").start();
    }

    @Test
    void endsTheProcessItNames() throws IOException, InterruptedException {
        Process process = sleeper();
        ProcessId id = ProcessId.of(process.pid()).orElseThrow();
        assertTrue(id.isAlive());

        id.end(false);

        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertFalse(id.isAlive());
    }

    @Test
    void neverEndsAnotherProcessWithTheSameNumber() throws IOException {
        Process process = new ProcessBuilder("cat").start();
        try {
            ProcessId is = ProcessId.of(process.pid()).orElseThrow();
            ProcessId earlier = new ProcessId(is.pid(), is.startTicks() - 1, is.boot());
            ProcessId beforeBoot = new ProcessId(is.pid(), is.startTicks(), "another boot");

            assertFalse(earlier.isAlive());
            assertFalse(beforeBoot.isAlive());
            earlier.end(true);
            beforeBoot.end(true);

            process.outputWriter().append("it still runs\n").flush();
            assertEquals("it still runs", process.inputReader().readLine());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void knowsItself() {
        assertEquals(ProcessHandle.current().pid(), ProcessId.current().pid());
        assertTrue(ProcessId.current().isAlive());
    }
}
