package io.stria.node.spdk;

import io.stria.node.cluster.BlankFile;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Whether a device that no file stands for is blank, as {@link BlankFile} has it. Owned by the
 * device's reactor.
 */
public final class BlankScan implements BlockFile.Completion {
    /** Hears the outcome, once. */
    public interface Listener {
        /**
         * @param errno 0, or why it cannot be read
         */
        void onScanned(boolean blank, int errno);
    }

    private final BlockFile file;
    private final Listener listener;
    private final MemorySegment buffer = Memory.untilCollected(BlankFile.STEP_BYTES);
    private long at;

    private BlankScan(BlockFile file, Listener listener) {
        this.file = file;
        this.listener = listener;
    }

    public static void begin(BlockFile file, Listener listener) {
        new BlankScan(file, listener).read();
    }

    private void read() {
        file.read(at, buffer, 0, length(), this, 0);
    }

    private int length() {
        return (int) Math.min(BlankFile.STEP_BYTES, file.sizeBytes() - at);
    }

    @Override
    public void complete(long token, int result) {
        if (result < 0) {
            listener.onScanned(false, -result);
        } else if (!isZero(buffer.asSlice(0, result))) {
            listener.onScanned(false, 0);
        } else {
            at = BlankFile.next(at, file.sizeBytes()) / file.blockBytes() * file.blockBytes();
            if (at < file.sizeBytes()) {
                read();
            } else {
                listener.onScanned(true, 0);
            }
        }
    }

    private static boolean isZero(MemorySegment bytes) {
        return bytes.mismatch(MemorySegment.ofArray(new byte[(int) bytes.byteSize()])) < 0;
    }
}
