package io.stria.node.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether a device is blank: nothing but zeros where any format and any file system would have left
 * something, at both ends and in places between. The ends are looked at whole, and of a device that
 * is not much larger than these everything is.
 */
public final class BlankFile {
    public static final int STEP_BYTES = 1 << 20;
    private static final long END_BYTES = 64L << 20;
    private static final int PLACES = 256;

    private BlankFile() {}

    public static boolean isBlank(Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(STEP_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = channel.size();
            for (long at = 0; at < bytes; at = next(at, bytes)) {
                if (!isZero(channel, at, buffer)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Where to look after this place, {@link #STEP_BYTES} at a time; the first one is 0. */
    public static long next(long at, long bytes) {
        long place = Math.max(STEP_BYTES, (bytes / PLACES) & -STEP_BYTES);
        boolean end = at < END_BYTES || at >= bytes - END_BYTES;
        return end ? at + STEP_BYTES : Math.min(at + place, bytes - END_BYTES);
    }

    private static boolean isZero(FileChannel channel, long from, ByteBuffer buffer)
            throws IOException {
        buffer.clear();
        long at = from;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        buffer.flip();
        while (buffer.remaining() >= Long.BYTES) {
            if (buffer.getLong() != 0) {
                return false;
            }
        }
        while (buffer.hasRemaining()) {
            if (buffer.get() != 0) {
                return false;
            }
        }
        return true;
    }
}
