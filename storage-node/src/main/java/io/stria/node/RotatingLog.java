package io.stria.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * A log that takes at most {@link #FILES} times {@link #FILE_BYTES_MAX}, as long as its files can
 * be renamed: {@code node.log} is the present one, {@code node.log.1} the one before. Any thread
 * logs.
 */
final class RotatingLog extends Handler implements AutoCloseable {
    static final long FILE_BYTES_MAX = 8L << 20;
    static final int FILES = 4;

    /** Opens a file to append to it. */
    interface Opener {
        OutputStream open(Path file) throws IOException;
    }

    private final Path file;
    private final long fileBytesMax;
    private final Opener opener;

    /** Null after it could not be opened, until it can. */
    private @Nullable OutputStream out;

    private long bytes;

    RotatingLog(Path file) throws IOException {
        this(file, FILE_BYTES_MAX, RotatingLog::open);
    }

    RotatingLog(Path file, long fileBytesMax, Opener opener) throws IOException {
        this.file = file;
        this.fileBytesMax = fileBytesMax;
        this.opener = opener;
        opened();
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        byte[] line = getFormatter().format(entry).getBytes(StandardCharsets.UTF_8);
        try {
            if (out != null && bytes > 0 && bytes + line.length > fileBytesMax) {
                tryToRotate();
            }
            opened().write(line);
            bytes += line.length;
        } catch (IOException e) {
            // A full disk must not end a node; the error manager prints the first failure.
            reportError("cannot log", e, ErrorManager.WRITE_FAILURE);
        }
    }

    /** What cannot be renamed grows: a line counts for more than the bound. */
    private void tryToRotate() {
        try {
            rotate();
        } catch (IOException e) {
            reportError("cannot begin another file", e, ErrorManager.GENERIC_FAILURE);
        }
    }

    private OutputStream opened() throws IOException {
        OutputStream open = out;
        if (open == null) {
            open = opener.open(file);
            out = open;
            bytes = Files.size(file);
        }
        return open;
    }

    private void rotate() throws IOException {
        closeFile();
        // Up to the first gap: one that a rotation which failed has left is filled, and no more.
        int last = 1;
        while (last < FILES - 1 && Files.exists(numbered(last))) {
            last++;
        }
        for (int i = last; i > 0; i--) {
            Path from = i == 1 ? file : numbered(i - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void closeFile() throws IOException {
        OutputStream open = out;
        out = null;
        if (open != null) {
            open.close();
        }
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    static OutputStream open(Path file) throws IOException {
        return Files.newOutputStream(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.WRITE);
    }

    /** Each line has been written already. */
    @Override
    public void flush() {}

    @Override
    public synchronized void close() {
        try {
            closeFile();
        } catch (IOException e) {
            reportError("cannot close the log", e, ErrorManager.CLOSE_FAILURE);
        }
    }
}
