package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;

/**
 * Recovery: reads the shadows, one by one, of which the first block says that they may be needed.
 * Checksums tell from data what stands in place of blocks that the device does not give.
 */
final class ShadowLoad {
    private static final int FIRST_BYTES = 4096;

    /** Not what a shadow that was never used begins with. */
    private static final int UNREADABLE = 0xff;

    private final Layout layout;
    private final long formatId;
    private final RingScan scan;
    private final Area content;
    private final SalvagingRead read;
    private final Runnable whenDone;
    private int shadow;
    private int bytes;

    ShadowLoad(
            BlockFile file,
            Layout layout,
            long formatId,
            RingScan scan,
            StoreCounters counters,
            Arena arena,
            Runnable whenDone) {
        this.layout = layout;
        this.formatId = formatId;
        this.scan = scan;
        this.content = new Area(arena, layout.shadowBytes());
        this.read =
                new SalvagingRead(
                        file,
                        layout,
                        content,
                        counters,
                        block -> content.fill(block, layout.blockBytes(), UNREADABLE),
                        ignored -> onRead(),
                        0);
        this.whenDone = whenDone;
    }

    void start() {
        if (shadow == layout.shadows()) {
            whenDone.run();
        } else {
            read(FIRST_BYTES);
        }
    }

    private void read(int firstBytes) {
        bytes = firstBytes;
        read.start(layout.shadowOffset(shadow), 0, bytes);
    }

    private void onRead() {
        if (bytes == layout.shadowBytes()) {
            scan.takeShadow(shadow, content);
        } else if (isWanted()) {
            read(layout.shadowBytes());
            return;
        }
        shadow++;
        start();
    }

    /** One that does not begin with a batch may have lost its first, which need not be needed. */
    private boolean isWanted() {
        if (!BatchHead.isValid(content, 0, formatId, layout.shadowBytes())) {
            return !PageHeader.isZero(content, 0);
        }
        long first = BatchHead.sequence(content, 0);
        long lastAtMost = first + layout.shadowBytes() / layout.blockBytes();
        return first <= scan.head() && lastAtMost >= scan.tail();
    }
}
