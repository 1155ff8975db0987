package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;

/**
 * Recovery: reads the shadows, one by one, of which the first block says that they may be needed.
 */
final class ShadowLoad implements BlockFile.Completion {
    private static final int FIRST_BYTES = 4096;

    private final BlockFile file;
    private final Layout layout;
    private final long formatId;
    private final RingScan scan;
    private final Area content;
    private final StoreCounters counters;
    private final Runnable whenDone;
    private int shadow;

    ShadowLoad(
            BlockFile file,
            Layout layout,
            long formatId,
            RingScan scan,
            StoreCounters counters,
            Arena arena,
            Runnable whenDone) {
        this.file = file;
        this.layout = layout;
        this.formatId = formatId;
        this.scan = scan;
        this.content = new Area(arena, layout.shadowBytes());
        this.counters = counters;
        this.whenDone = whenDone;
    }

    void start() {
        if (shadow == layout.shadows()) {
            whenDone.run();
        } else {
            read(FIRST_BYTES);
        }
    }

    private void read(int bytes) {
        file.read(layout.shadowOffset(shadow), content.segment(), 0, bytes, this, bytes);
    }

    @Override
    public void complete(long bytes, int result) {
        if (result != bytes) {
            counters.readErrors++;
        } else if (bytes == layout.shadowBytes()) {
            scan.takeShadow(shadow, content);
        } else if (isWanted()) {
            read(layout.shadowBytes());
            return;
        }
        shadow++;
        start();
    }

    private boolean isWanted() {
        if (!BatchHead.isValid(content, 0, formatId, layout.shadowBytes())) {
            return false;
        }
        long first = BatchHead.sequence(content, 0);
        long lastAtMost = first + layout.shadowBytes() / layout.blockBytes();
        return first <= scan.head() && lastAtMost >= scan.tail();
    }
}
