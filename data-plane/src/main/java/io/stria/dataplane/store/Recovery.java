package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Timers;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opens a device: checks whose it is, reads the journal ring, finds the pages by their headers, and
 * replays the journal. Driven by completions. First of all everything is flushed: what is seen now
 * must not be taken back by a later power cut.
 *
 * <p>It takes as long as the device needs, which reads a header for each page that was ever given
 * out. But one that does not answer at all is refused, and so is one that fails and not only here
 * or there: what it completes after that goes nowhere, and nothing more is written to it.
 */
final class Recovery {
    /**
     * More than a store that runs gives its device: the node's others wait meanwhile, but one that
     * is left out has to be caught up.
     */
    static final long HANG_NS = 3 * WatchedFile.HANG_NS;

    private static final long LOOK_NS = 500_000_000L;

    private final StoreHealth health = new StoreHealth();
    private final WatchedFile file;
    private final DeviceIdentity expected;
    private final StoreConfig config;
    private final Timers timers;
    private final Arena arena;
    private final ChunkStore.OpenListener listener;
    private final Area superblocks;
    private int superblocksLeft = Superblock.COPY_OFFSETS.length;
    private boolean over;
    private @Nullable Superblock superblock;
    private @Nullable ChunkStore store;

    Recovery(
            BlockFile device,
            DeviceIdentity expected,
            StoreConfig config,
            Timers timers,
            Arena arena,
            ChunkStore.OpenListener listener) {
        this.file = new WatchedFile(device, health);
        this.expected = expected;
        this.config = config;
        this.timers = timers;
        this.arena = arena;
        this.listener = listener;
        this.superblocks =
                new Area(arena, (long) Superblock.COPY_OFFSETS.length * Superblock.BYTES);
    }

    void start() {
        file.flush((token, result) -> readSuperblocks(result), 0);
        timers.schedule(LOOK_NS, this::look);
    }

    private void look() {
        if (over) {
            return;
        }
        if (file.silentNs(timers.nowNs()) >= HANG_NS) {
            health.fail("it has not answered for %d s".formatted(HANG_NS / 1_000_000_000));
        }
        String failure = health.failure();
        if (failure == null) {
            timers.schedule(LOOK_NS, this::look);
        } else {
            refuse(failure);
        }
    }

    private void refuse(String reason) {
        if (!over) {
            over = true;
            listener.onRefused(reason);
        }
    }

    private void readSuperblocks(int flushResult) {
        if (flushResult < 0) {
            refuse("the device does not flush: error " + -flushResult);
            return;
        }
        for (int copy = 0; copy < Superblock.COPY_OFFSETS.length; copy++) {
            file.read(
                    Superblock.COPY_OFFSETS[copy],
                    superblocks.segment(),
                    (long) copy * Superblock.BYTES,
                    Superblock.BYTES,
                    this::onSuperblockRead,
                    copy);
        }
    }

    private void onSuperblockRead(long copy, int result) {
        if (result != Superblock.BYTES) {
            superblocks.zero((int) copy * Superblock.BYTES, Superblock.BYTES);
        }
        if (--superblocksLeft == 0) {
            SuperblockChoice choice =
                    SuperblockChoice.of(superblocks, expected, file.blockBytes(), file.sizeBytes());
            if (choice.refusal() != null) {
                refuse(choice.refusal());
            } else {
                superblock = Objects.requireNonNull(choice.superblock());
                repair(choice.damagedCopy());
            }
        }
    }

    private void repair(int damagedCopy) {
        if (damagedCopy < 0) {
            loadRing();
            return;
        }
        int at = damagedCopy * Superblock.BYTES;
        Objects.requireNonNull(superblock).encode(superblocks, at);
        file.write(
                Superblock.COPY_OFFSETS[damagedCopy],
                superblocks.segment(),
                at,
                Superblock.BYTES,
                true,
                (token, result) -> loadRing(),
                0);
    }

    private void loadRing() {
        Superblock known = Objects.requireNonNull(superblock);
        store = new ChunkStore(file, health, known, config, timers, arena);
        new RingLoad(file, known.layout(), parts().ring.image(), parts().counters, this::scanRing)
                .start();
    }

    /** What is opened, once it is known to be ours. */
    @Nullable ChunkStore store() {
        return store;
    }

    private StoreParts parts() {
        return Objects.requireNonNull(store).parts();
    }

    private void scanRing(BitSet unreadable) {
        Superblock known = Objects.requireNonNull(superblock);
        RingScan scan =
                new RingScan(
                        parts().ring,
                        parts().shadows,
                        new Area(arena, Superblock.BYTES),
                        known.formatId(),
                        known.layout(),
                        unreadable);
        String damage = scan.run();
        if (damage != null) {
            refuse(damage);
        } else {
            if (scan.mayBeCut()) {
                parts().lost.journalCut();
            }
            new ShadowLoad(
                            file,
                            known.layout(),
                            known.formatId(),
                            scan,
                            parts().counters,
                            arena,
                            () -> scanPages(scan))
                    .start();
        }
    }

    private void scanPages(RingScan scan) {
        Superblock known = Objects.requireNonNull(superblock);
        String damage = scan.check();
        if (damage != null) {
            refuse(damage);
            return;
        }
        String contradiction = RingIndex.build(parts(), scan, known.layout());
        if (contradiction != null) {
            refuse(contradiction);
            return;
        }
        new HeaderScan(
                        file,
                        known.layout(),
                        known.formatId(),
                        parts(),
                        scan,
                        arena,
                        this::refuse,
                        () -> replay(scan))
                .start();
    }

    private void replay(RingScan scan) {
        new Replay(parts(), scan, this::refuse, this::finish).start();
    }

    private void finish() {
        String failure = health.failure();
        if (failure != null) {
            refuse(failure);
        } else if (!over) {
            over = true;
            file.opened();
            listener.onOpen(Objects.requireNonNull(store));
        }
    }
}
