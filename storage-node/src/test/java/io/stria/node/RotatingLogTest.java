package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.ErrorManager;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RotatingLogTest {
    @TempDir private Path directory;

    private boolean full;

    private OutputStream openUnlessFull(Path file) throws IOException {
        if (full) {
            throw new IOException("no room for another file");
        }
        return RotatingLog.open(file);
    }

    private RotatingLog open(long fileBytesMax) throws IOException {
        RotatingLog log =
                new RotatingLog(directory.resolve("node.log"), fileBytesMax, this::openUnlessFull);
        log.setFormatter(new LogLine());
        return log;
    }

    private static LogRecord line(String text, Object... parameters) {
        LogRecord entry = new LogRecord(Level.INFO, text);
        entry.setLoggerName("io.stria.node.Some");
        entry.setParameters(parameters);
        return entry;
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    @Test
    void numbersHaveNoSeparators() throws IOException {
        try (RotatingLog log = open(1000)) {
            log.publish(line("port {0} of node {1}", 4420, 12));
        }
        assertTrue(read("node.log").endsWith(" INFO Some: port 4420 of node 12\n"));
    }

    @Test
    void keepsTheNewestAndNeverMoreThanItsShare() throws IOException {
        int lines = 100;
        try (RotatingLog log = open(200)) {
            for (int i = 0; i < lines; i++) {
                log.publish(line("line " + i));
            }
        }
        assertTrue(read("node.log").contains("line " + (lines - 1)));
        assertTrue(Files.exists(directory.resolve("node.log." + (RotatingLog.FILES - 1))));
        assertFalse(Files.exists(directory.resolve("node.log." + RotatingLog.FILES)));
        for (int i = 1; i < RotatingLog.FILES; i++) {
            assertTrue(Files.size(directory.resolve("node.log." + i)) <= 200);
        }
    }

    /** Every second one was lost. */
    @Test
    void losesNoLineWhereTheFileCannotBeRenamed() throws IOException {
        for (int i = 1; i < RotatingLog.FILES; i++) {
            Path inTheWay = Files.createDirectory(directory.resolve("node.log." + i));
            Files.createFile(inTheWay.resolve("something"));
        }
        int lines = 100;
        try (RotatingLog log = open(200)) {
            log.setErrorManager(new Unheard());
            for (int i = 0; i < lines; i++) {
                log.publish(line("line " + i));
            }
        }
        assertEquals(lines, read("node.log").lines().count());
    }

    /** Each further line moved the numbered files once more, until none was left. */
    @Test
    void keepsWhatItHasWhileNoFileCanBeOpened() throws IOException {
        try (RotatingLog log = open(200)) {
            log.setErrorManager(new Unheard());
            for (int i = 0; i < 100; i++) {
                log.publish(line("line " + i));
            }
            List<String> before = new ArrayList<>();
            before.add(read("node.log"));
            for (int i = 1; i < RotatingLog.FILES - 1; i++) {
                before.add(read("node.log." + i));
            }
            full = true;
            for (int i = 0; i < 100; i++) {
                log.publish(line("lost"));
            }
            for (int i = 1; i < RotatingLog.FILES; i++) {
                assertTrue(read("node.log." + i).startsWith(before.get(i - 1)), "file " + i);
            }
            full = false;
            log.publish(line("again"));
        }
        assertTrue(read("node.log").endsWith("again\n"));
    }

    private static final class Unheard extends ErrorManager {
        @Override
        public void error(String message, Exception e, int code) {}
    }

    @Test
    void goesOnWhereItStopped() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (RotatingLog log = open(1000)) {
                log.publish(line("start"));
            }
        }
        assertEquals(2, read("node.log").lines().count());
    }
}
