package io.stria.node.cluster;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A blank block device of the kernel, over a sparse file. */
public final class LoopDevice implements AutoCloseable {
    private final Path path;

    private LoopDevice(Path path) {
        this.path = path;
    }

    /**
     * Skips the test where the machine or its user can have none.
     *
     * @param file is made
     */
    public static LoopDevice over(Path file, long bytes, int sectorBytes)
            throws IOException, InterruptedException {
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        Process losetup;
        try {
            losetup =
                    run(
                            "losetup",
                            "--show",
                            "-b",
                            Integer.toString(sectorBytes),
                            "-f",
                            file.toString());
        } catch (IOException e) {
            return abort("no loop device: " + e.getMessage());
        }
        String said =
                new String(losetup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assumeTrue(losetup.waitFor() == 0, () -> "no loop device: " + said);
        return new LoopDevice(Path.of(said));
    }

    public Path path() {
        return path;
    }

    private static Process run(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Override
    public void close() {
        try {
            run("losetup", "-d", path.toString()).waitFor();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
