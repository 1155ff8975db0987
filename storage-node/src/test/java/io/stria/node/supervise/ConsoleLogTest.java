package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConsoleLogTest {
    @TempDir private Path directory;

    private Path log() {
        return directory.resolve("console.log");
    }

    private void say(String words) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("echo", words).redirectOutput(ConsoleLog.begin(log())).start();
        assertEquals(0, process.waitFor());
    }

    @Test
    void theLastStartIsReadAndThoseBeforeAreKept() throws IOException, InterruptedException {
        say("first");
        assertEquals("first\n", ConsoleLog.lastStart(log()));
        say("second");
        assertEquals("second\n", ConsoleLog.lastStart(log()));
        assertTrue(Files.readString(log()).contains("\nfirst\n"));
        ConsoleLog.begin(log());
        assertEquals("", ConsoleLog.lastStart(log()), "it has said nothing yet");
    }

    @Test
    void whatNobodyHasMarkedIsReadWhole() throws IOException {
        Files.writeString(log(), "one\ntwo\n");
        assertEquals("one\ntwo\n", ConsoleLog.lastStart(log()));
    }

    @Test
    void oneOldFileIsKept() throws IOException, InterruptedException {
        Path old = directory.resolve("console.log.1");
        Files.writeString(old, "older");
        Files.write(log(), new byte[(int) ConsoleLog.BYTES_MAX]);
        say("fits");
        assertEquals("older", Files.readString(old));
        say("begins another");
        assertTrue(Files.readString(old).endsWith("fits\n"));
        assertFalse(Files.readString(log()).contains("fits"));
        assertEquals("begins another\n", ConsoleLog.lastStart(log()));
    }

    /** As on a full disk: a directory is in the way, and the process says that it cannot write. */
    @Test
    void whatCannotBeMarkedIsNoReasonNotToStart() throws IOException {
        Files.createDirectories(log());
        assertEquals(ProcessBuilder.Redirect.to(log().toFile()), ConsoleLog.begin(log()));
    }
}
