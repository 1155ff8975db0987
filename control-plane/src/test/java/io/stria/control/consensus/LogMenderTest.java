package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogMenderTest {
    @TempDir Path directory;

    /** Only after the first is it unknown what is on the disk. */
    @Test
    void aFailedSyncIsToldFromAFailedWrite() throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve("file"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        channel.close();
        IOException sync = assertThrows(IOException.class, () -> channel.force(false));
        IOException write =
                assertThrows(IOException.class, () -> channel.write(ByteBuffer.allocate(1)));
        assertTrue(LogMender.isOfSync(new IOException("the log has failed before", sync)));
        assertFalse(LogMender.isOfSync(new IOException("the log has failed before", write)));
    }
}
