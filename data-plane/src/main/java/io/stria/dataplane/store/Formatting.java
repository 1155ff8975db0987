package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** Writes the superblocks of an empty device. */
final class Formatting implements BlockFile.Completion {
    private final BlockFile file;
    private final DeviceIdentity identity;
    private final StoreConfig config;
    private final long formatId;
    private final Area area;
    private final ChunkStore.FormatListener listener;
    private int left = Superblock.COPY_OFFSETS.length;
    private @Nullable String failure;

    Formatting(
            BlockFile file,
            DeviceIdentity identity,
            StoreConfig config,
            long formatId,
            Arena arena,
            ChunkStore.FormatListener listener) {
        this.file = file;
        this.identity = identity;
        this.config = config;
        this.formatId = formatId;
        this.area = new Area(arena, Superblock.BYTES);
        this.listener = listener;
    }

    void start() {
        Layout layout =
                Layout.plan(
                        file.sizeBytes(),
                        file.blockBytes(),
                        identity.pageShift(),
                        config.ringBytesMax());
        new Superblock(1, identity, layout, formatId).encode(area, 0);
        for (long offset : Superblock.COPY_OFFSETS) {
            file.write(offset, area.segment(), 0, Superblock.BYTES, true, this, offset);
        }
    }

    @Override
    public void complete(long token, int result) {
        if (result != Superblock.BYTES) {
            failure = "the superblock could not be written: error " + -result;
        }
        if (--left == 0) {
            listener.onFormatted(failure);
        }
    }
}
