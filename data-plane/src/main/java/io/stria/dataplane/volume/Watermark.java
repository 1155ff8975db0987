package io.stria.dataplane.volume;

import io.stria.dataplane.device.Version;
import java.util.BitSet;

/**
 * Numbers the writes of one epoch and knows the committed watermark: the highest version up to
 * which every write is on all its locations. It stands still at {@code inherited} until {@link
 * #open}.
 */
final class Watermark {
    private final int epoch;
    private final BitSet done = new BitSet();
    private long inherited = Version.NONE;
    private boolean open;
    private long lastSequence;

    /** Every sequence up to here is done; bit i of {@code done} stands for {@code base + 1 + i}. */
    private long base;

    Watermark(int epoch) {
        this.epoch = epoch;
    }

    /** What earlier owners had committed. */
    void inherit(long version) {
        inherited = version;
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
        return Version.of(epoch, ++lastSequence);
    }

    void finished(long version) {
        assert Version.epoch(version) == epoch;
        done.set((int) (Version.sequence(version) - base - 1));
        int run = done.nextClearBit(0);
        if (run == done.length()) {
            base += run;
            done.clear();
        } else if (run >= 1024) { // shifting costs the set's length: now and then it is cheap
            base += run;
            BitSet rest = done.get(run, done.length());
            done.clear();
            done.or(rest);
        }
    }

    long committed() {
        if (!open) {
            return inherited;
        }
        long sequence = base + done.nextClearBit(0);
        return sequence == 0 ? inherited : Version.of(epoch, sequence);
    }
}
