package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoReasonTest {
    @TempDir Path directory;

    @Test
    void namesTheFileAndWhatIsWrongWithIt() {
        Path missing = directory.resolve("missing");
        IOException e = assertThrows(IOException.class, () -> Files.readString(missing));
        assertEquals(missing + " does not exist", IoReason.of(e));
        assertEquals(
                "access to /x is denied", IoReason.of(new AccessDeniedException("/x", null, null)));
        assertEquals(
                "/x: No space left on device",
                IoReason.of(new FileSystemException("/x", null, "No space left on device")));
        assertEquals(
                "No space left on device", IoReason.of(new IOException("No space left on device")));
    }

    @Test
    void anExceptionWithoutWordsIsNamed() {
        assertEquals("java.io.EOFException", IoReason.of(new java.io.EOFException()));
    }
}
