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

/**
 * A log that never takes more than {@link #FILES} times {@link #FILE_BYTES_MAX}: {@code node.log}
 * is the present one, {@code node.log.1} the one before. Any thread logs.
 */
final class RotatingLog extends Handler implements AutoCloseable {
    static final long FILE_BYTES_MAX = 8L << 20;
    static final int FILES = 4;

    private final Path file;
    private final long fileBytesMax;
    private OutputStream out;
    private long bytes;

    RotatingLog(Path file) throws IOException {
        this(file, FILE_BYTES_MAX);
    }

    RotatingLog(Path file, long fileBytesMax) throws IOException {
        this.file = file;
        this.fileBytesMax = fileBytesMax;
        this.out = open(file);
        this.bytes = Files.size(file);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        byte[] line = getFormatter().format(entry).getBytes(StandardCharsets.UTF_8);
        try {
            if (bytes > 0 && bytes + line.length > fileBytesMax) {
                rotate();
            }
            out.write(line);
            bytes += line.length;
        } catch (IOException e) {
            // A full disk must not end a node; the error manager prints the first failure.
            reportError("cannot log", e, ErrorManager.WRITE_FAILURE);
        }
    }

    private void rotate() throws IOException {
        out.close();
        for (int i = FILES - 1; i > 0; i--) {
            Path from = i == 1 ? file : numbered(i - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        out = open(file);
        bytes = 0;
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    private static OutputStream open(Path file) throws IOException {
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
            out.close();
        } catch (IOException e) {
            reportError("cannot close the log", e, ErrorManager.CLOSE_FAILURE);
        }
    }
}
