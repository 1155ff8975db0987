package io.stria.dataplane.store;

/** How long a device has kept operations in flight and completed none, in {@link LookedTime}. */
final class HangWatch {
    private final LookedTime silence = new LookedTime();
    private int inFlight;
    private boolean moved;

    void begun() {
        inFlight++;
    }

    /** The device has answered something. */
    void moved() {
        moved = true;
    }

    void ended() {
        inFlight--;
    }

    /** A look, and what it finds. */
    long silentNs(long nowNs) {
        long silentNs = silence.look(nowNs);
        if (inFlight == 0 || moved) {
            moved = false;
            silence.restart();
            return 0;
        }
        return silentNs;
    }
}
