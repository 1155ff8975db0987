package io.stria.node.supervise;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * What processes print, each start after the one before: who looks for the reason of an end has
 * often started again by then. One that has grown is kept as {@code .1}, and that is all.
 */
public final class ConsoleLog {
    static final long BYTES_MAX = 1 << 20;
    private static final String MARK = "--- started at ";

    private ConsoleLog() {}

    /** For a process that is about to start. */
    static Redirect begin(Path file) {
        try {
            if (Files.exists(file) && Files.size(file) > BYTES_MAX) {
                Files.move(
                        file,
                        file.resolveSibling(file.getFileName() + ".1"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            Files.writeString(
                    file,
                    MARK + Instant.now() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            // A full disk keeps no process from starting. What it prints, if it can, is not to be
            // read as the words of the start that is marked last.
            return Redirect.to(file.toFile());
        }
        return Redirect.appendTo(file.toFile());
    }

    /**
     * What was printed since the last start.
     *
     * @throws IOException if the file cannot be read
     */
    public static String lastStart(Path file) throws IOException {
        String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int mark = all.lastIndexOf(MARK);
        return mark < 0 ? all : all.substring(all.indexOf('\n', mark) + 1);
    }
}
