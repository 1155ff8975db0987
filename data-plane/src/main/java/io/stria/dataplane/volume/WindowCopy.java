package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Copies what there is in one window of pages to where it moves: what is plain in large pieces, see
 * {@link RunCopy}, the rest carefully, see {@link SyncOp}. On the owner's thread.
 */
final class WindowCopy implements RunCopy.Listener, SyncOp.Listener {
    /** Hears how it goes. */
    interface Listener {
        /** So many bytes of fragments were written to new places. */
        void onCopied(long bytes);

        /** A device has no room; {@link WindowCopy#hasFailed} says so, too. */
        void onNoRoom();

        /** Nobody can read it at present: it is tried again after a pause. */
        void onUnreadable(long block);
    }

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final Route route;
    private final CopyOps ops;
    private final WindowContents contents;
    private final Listener listener;
    private final List<StripeOp> copying = new ArrayList<>();
    private Set<Integer> without = Set.of();
    private boolean failed;

    /** The blocks that are looked at carefully, and the chunks of them that are left, as bits. */
    private WindowContents.Run run = new WindowContents.Run(0, 0);

    private int runChunks;
    private boolean runAlone;

    WindowCopy(
            VolumeOwner owner,
            Route route,
            CopyOps ops,
            WindowContents contents,
            Listener listener) {
        this.owner = owner;
        this.layout = owner.layout();
        this.route = route;
        this.ops = ops;
        this.contents = contents;
        this.listener = listener;
    }

    /** Nothing of it is under way. From now on chunks for those slots are left out. */
    void begin(Set<Integer> slots) {
        without = new TreeSet<>(slots);
        failed = false;
        runChunks = 0;
    }

    /** Pieces under way. */
    int underWay() {
        return copying.size();
    }

    /** A new place did not take what it was to get. */
    boolean hasFailed() {
        return failed;
    }

    /** Nothing is left to copy, though some may still be under way. */
    boolean hasNothingLeft() {
        return contents.isCopied() && runChunks == 0;
    }

    /**
     * Begins the next piece; false when there is none to begin.
     *
     * @param blocksMax of a plain piece
     * @param locked whether the whole window is locked
     */
    boolean copyNext(int blocksMax, boolean locked) {
        if (contents.hasPlain()) {
            copyPlain(contents.takePlain(blocksMax), locked);
            return true;
        }
        if (!nextCarefulRun()) {
            return false;
        }
        int chunk = Integer.numberOfTrailingZeros(runChunks);
        runChunks &= ~(1 << chunk);
        copyCarefully(chunk, locked);
        return true;
    }

    private void copyPlain(WindowContents.Run next, boolean locked) {
        int chunks = route.moving(layout.page(next.first()), without);
        if (chunks == 0) {
            return;
        }
        RunCopy op = ops.run();
        contents.holes(next, op.holes());
        owner.pages().range(op, next.first(), next.count());
        copying.add(op);
        op.copy(chunks, route.toSlots(), locked, this);
    }

    /** Sets the next blocks to look at carefully, and the chunks of them that move. */
    private boolean nextCarefulRun() {
        while (runChunks == 0) {
            runAlone = !contents.hasCareful();
            if (runAlone && !contents.hasAlone()) {
                return false;
            }
            run = runAlone ? contents.takeAlone() : contents.takeCareful();
            runChunks = route.moving(layout.page(run.first()), without);
        }
        route.locate(layout.page(run.first()));
        return true;
    }

    private void copyCarefully(int chunk, boolean locked) {
        SyncOp op = ops.careful();
        copying.add(op);
        owner.pages().range(op, run.first(), run.count());
        op.copy(chunk, route.toSlots()[chunk], locked, runAlone && mayGiveUp(), this);
    }

    /** What cannot be read may be had when those come back that are away now. */
    private boolean mayGiveUp() {
        for (int slot : route.fromSlots()) {
            StoreLink link = owner.links().get(slot);
            if (link.isUsed() && link.isBehind()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void onCopied(RunCopy op, IoStatus status) {
        copying.remove(op);
        ops.give(op);
        if (status == IoStatus.OK) {
            listener.onCopied(op.bytes());
        } else if (status == IoStatus.UNAVAILABLE) {
            contents.doubt(op.firstBlock, op.blocks);
        } else {
            targetFailed(status);
        }
    }

    private void targetFailed(IoStatus status) {
        failed = true;
        if (status == IoStatus.NO_SPACE) {
            listener.onNoRoom();
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        copying.remove(op);
        ops.give(op);
        if (status == IoStatus.OK) {
            listener.onCopied((long) op.blocks * layout.fragmentBytes());
            if (op.isLost()) {
                owner.tellLost(op.firstBlock);
            }
        } else if (status != IoStatus.UNAVAILABLE) {
            targetFailed(status);
        } else {
            contents.lookAgain(op.firstBlock, op.blocks, op.isLost());
            if (!op.isLost() || op.blocks == 1) {
                listener.onUnreadable(op.firstBlock);
            }
        }
    }

    /** Those that hold no lock of their own would not be told. */
    void onLinksChanged() {
        for (StripeOp op : List.copyOf(copying)) {
            op.onLinksChanged();
        }
    }
}
