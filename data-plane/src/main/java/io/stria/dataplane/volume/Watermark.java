package io.stria.dataplane.volume;

import io.stria.dataplane.device.Version;
import java.util.Arrays;

/**
 * Numbers the writes of one epoch and knows the committed watermark: the highest version up to
 * which every write is on all its locations. It stands still at {@code inherited} until {@link
 * #open}.
 */
final class Watermark {
    private final int epoch;
    private long inherited = Version.NONE;
    private boolean open;
    private long lastSequence;

    /** Sequences that were given out and are not finished, ascending; as many as writes run. */
    private long[] unfinished = new long[256];

    private int unfinishedCount;

    Watermark(int epoch) {
        this.epoch = epoch;
    }

    /** What earlier owners had committed; it never goes back. Returns whether it rises. */
    boolean inherit(long version) {
        boolean rises = Version.isNewer(version, inherited);
        if (rises) {
            inherited = version;
        }
        return rises;
    }

    long inherited() {
        return inherited;
    }

    /** Take-over is complete: writes of this epoch may be announced as committed. */
    void open() {
        open = true;
    }

    long nextVersion() {
        if (lastSequence == Version.MAX_SEQUENCE) {
            throw new IllegalStateException(
                    "the sequence of volume epoch " + epoch + " is used up");
        }
        if (unfinishedCount == unfinished.length) {
            unfinished = Arrays.copyOf(unfinished, 2 * unfinishedCount);
        }
        unfinished[unfinishedCount++] = ++lastSequence;
        return Version.of(epoch, lastSequence);
    }

    void finished(long version) {
        int at = indexOf(version);
        assert at >= 0 : "finished twice: " + Version.toString(version);
        System.arraycopy(unfinished, at + 1, unfinished, at, --unfinishedCount - at);
    }

    /** Whether the version is known to be on all its locations. */
    boolean isFinished(long version) {
        return Version.epoch(version) == epoch
                ? Version.sequence(version) <= lastSequence && indexOf(version) < 0
                : !Version.isNewer(version, inherited);
    }

    /** No version above it is finished. */
    long newest() {
        return lastSequence == 0 ? inherited : Version.of(epoch, lastSequence);
    }

    long committed() {
        if (!open) {
            return inherited;
        }
        long sequence = unfinishedCount == 0 ? lastSequence : unfinished[0] - 1;
        return sequence == 0 ? inherited : Version.of(epoch, sequence);
    }

    private int indexOf(long version) {
        assert Version.epoch(version) == epoch;
        return Arrays.binarySearch(unfinished, 0, unfinishedCount, Version.sequence(version));
    }
}
