package io.stria.control.consensus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * What Ratis keeps of a voter, below the voter's directory:
 *
 * <pre>
 *   CLUSTER-ID/current/raft-meta     term and vote
 *   CLUSTER-ID/current/log_*         segments of the log
 *   CLUSTER-ID/sm/snapshot.*         state after many entries
 * </pre>
 *
 * Ratis makes an empty log, without a word, where {@code current} is missing or empty, and takes a
 * log without segments for one that never had any.
 */
public final class VoterFiles {
    private static final String META = "raft-meta";
    private static final String ROOM = "room";
    private static final int ROOM_BYTES = 4 * RatisProperties.PREALLOCATED_BYTES;

    private VoterFiles() {}

    /**
     * What is missing of a voter that has kept a decision, as the beginning of a sentence; empty if
     * nothing is. That every segment is there is not looked at.
     *
     * @throws IOException if it cannot be looked at
     */
    public static Optional<String> lost(Path directory, UUID clusterId) throws IOException {
        Path log = directory.resolve(clusterId.toString());
        Path meta = current(directory, clusterId).resolve(META);
        if (Files.notExists(log)) {
            return Optional.of(log + " is missing");
        }
        if (Files.notExists(meta) || Files.size(meta) == 0) {
            return Optional.of(meta + ", which holds its vote, is missing or empty");
        }
        boolean entries =
                holds(current(directory, clusterId), "log_*")
                        || holds(log.resolve("sm"), "snapshot.*");
        return entries
                ? Optional.empty()
                : Optional.of("the decisions below " + log + " are missing");
    }

    private static boolean holds(Path directory, String names) throws IOException {
        if (Files.notExists(directory)) {
            return false;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, names)) {
            for (Path file : files) {
                if (file.toFile().length() > 0) { // 0 where it has gone meanwhile
                    return true;
                }
            }
        }
        return false;
    }

    /** The term that is written in {@code raft-meta}; -1 where none can be read. */
    static long keptTerm(Path directory, UUID clusterId) {
        Properties written = new Properties();
        try (InputStream in = Files.newInputStream(current(directory, clusterId).resolve(META))) {
            written.load(in);
            return Long.parseLong(written.getProperty("term", "-1"));
        } catch (IOException | IllegalArgumentException e) {
            return -1;
        }
    }

    /**
     * Writes some times what a log takes at once, and takes it away again.
     *
     * @throws IOException if there is no room, or nothing can be written
     */
    static void tryRoom(Path directory, UUID clusterId) throws IOException {
        Path file = current(directory, clusterId).resolve(ROOM);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(ROOM_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            channel.force(true);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static Path current(Path directory, UUID clusterId) {
        return directory.resolve(clusterId.toString()).resolve("current");
    }
}
