package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * Recovery: reads the ring, as much of it as the device gives. Blocks that it does not give are
 * zeros in the ring's image, and told of at the end.
 */
final class RingLoad {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int READS_AT_A_TIME = 4;

    private final Layout layout;
    private final Area image;
    private final Consumer<BitSet> whenDone;
    private final SalvagingRead[] reads;

    private final BitSet unreadable = new BitSet();

    private int nextOffset;
    private int inFlight;

    RingLoad(
            BlockFile file,
            Layout layout,
            Area image,
            StoreCounters counters,
            Consumer<BitSet> whenDone) {
        this.layout = layout;
        this.image = image;
        this.whenDone = whenDone;
        this.reads =
                SalvagingRead.several(
                        READS_AT_A_TIME,
                        file,
                        layout,
                        image,
                        counters,
                        this::onUnreadable,
                        this::onPieceRead);
    }

    void start() {
        for (int read = 0; read < READS_AT_A_TIME; read++) {
            readNext(read);
        }
    }

    private void readNext(int read) {
        int offset = nextOffset;
        int bytes = Math.min(PIECE_BYTES, layout.ringBytes() - offset);
        if (bytes > 0) {
            nextOffset += bytes;
            inFlight++;
            reads[read].start(layout.ringOffset() + offset, offset, bytes);
        }
    }

    private void onUnreadable(int offset) {
        image.zero(offset, layout.blockBytes());
        unreadable.set(offset / layout.blockBytes());
    }

    private void onPieceRead(int read) {
        inFlight--;
        readNext(read);
        if (inFlight == 0) {
            whenDone.accept(unreadable);
        }
    }
}
