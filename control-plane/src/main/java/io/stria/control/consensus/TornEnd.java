package io.stria.control.consensus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Cuts what a power cut has left of the entry that was being written. Ratis fills a segment with
 * zeros before it writes entries there, so such an entry looks damaged to it, and it does not open
 * the log. It was never fsynced, and so never acknowledged: each entry is fsynced before the next
 * is written ({@link RatisProperties}).
 *
 * <pre>
 * segment   "RaftLog1", entry, entry, ..., zeros
 * entry     length n, 1 to 5 bytes of 7 bits, low ones first | n bytes | CRC-32C of both, 4 bytes
 * </pre>
 *
 * Whatever looks otherwise is left for Ratis to refuse: damage with anything behind it, and a last
 * entry of which no part is missing, which may have been acknowledged.
 */
final class TornEnd {
    private static final System.Logger LOG = System.getLogger(TornEnd.class.getName());
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int SECTOR_BYTES = 512;

    /** Fewer zeros can be what was written. */
    private static final int GAP_BYTES = 16;

    private final ByteBuffer segment;

    private TornEnd(byte[] segment) {
        this.segment = ByteBuffer.wrap(segment);
    }

    /**
     * @param current where Ratis keeps its segments
     */
    static void cut(Path current) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(current, "log_inprogress_*")) {
            for (Path file : open) {
                cutOne(file);
            }
        }
    }

    private static void cutOne(Path file) throws IOException {
        int torn = new TornEnd(Files.readAllBytes(file)).find();
        if (torn < 0) {
            return;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "the last entry of {0} was being written when power was cut: it ends at byte {1}"
                        + " now",
                file,
                Integer.toString(torn));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(torn);
            channel.force(true);
        }
    }

    /** Where an entry begins that was not written whole; -1 if there is none. */
    private int find() {
        int at = HEADER_BYTES;
        while (at < segment.capacity() && segment.get(at) != 0) {
            long end = end(at);
            if (end < 0 || end > segment.capacity()) {
                return -1; // Ratis knows what to do at the end of a file.
            }
            if (!isWhole(at, (int) end)) {
                return isTorn(at, (int) end) ? at : -1;
            }
            at = (int) end;
        }
        return -1;
    }

    /** Where the entry ends that begins here; -1 if its length is none. */
    private long end(int at) {
        long length = 0;
        for (int i = 0; i < 5 && at + i < segment.capacity(); i++) {
            byte next = segment.get(at + i);
            length |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return at + i + 1 + length + CHECKSUM_BYTES;
            }
        }
        return -1;
    }

    private boolean isWhole(int at, int end) {
        CRC32C checksum = new CRC32C();
        checksum.update(segment.slice(at, end - CHECKSUM_BYTES - at));
        return (int) checksum.getValue() == segment.getInt(end - CHECKSUM_BYTES);
    }

    private boolean isTorn(int at, int end) {
        return isZero(end, segment.capacity())
                && (isZero(end - CHECKSUM_BYTES, end) || hasGap(at, end));
    }

    /** Sectors reach a device in any order. */
    private boolean hasGap(int at, int end) {
        for (int from = at; from < end; ) {
            int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if (to - from >= GAP_BYTES && isZero(from, to)) {
                return true;
            }
            from = to;
        }
        return false;
    }

    private boolean isZero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (segment.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
