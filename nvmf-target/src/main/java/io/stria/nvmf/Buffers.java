package io.stria.nvmf;

import io.stria.runtime.Memory;

/**
 * The buffer pools of one target.
 *
 * <p>Small buffers are only ever held by commands that need nothing more from their host to go on;
 * a command that still has to receive its data (R2T) takes a large one, however short. So a
 * connection may stop reading until a small buffer comes free: it always does. Connects and admin
 * commands have small buffers of their own, which no device ever keeps: hosts get in, and are told
 * what is the matter, while volumes are stuck.
 */
final class Buffers {
    private static final int CONTROL_COUNT = 64;

    private final BufferQueue small;
    private final BufferQueue large;
    private final BufferQueue control;
    private final BufferQueue checks;

    Buffers(Memory memory, BufferConfig config) {
        small = new BufferQueue(memory, config.smallBytes(), config.smallCount());
        large = new BufferQueue(memory, config.largeBytes(), config.largeCount());
        control = new BufferQueue(memory, config.smallBytes(), CONTROL_COUNT);
        checks = new BufferQueue(memory, config.largeBytes(), 1);
    }

    /**
     * For in-capsule data.
     *
     * @param io of an IO queue
     */
    BufferQueue forCapsule(boolean io) {
        return io ? small : control;
    }

    /** For data that goes to the host: the smallest that is large enough. */
    BufferQueue forRead(int bytes, boolean io) {
        return bytes <= small.bufferBytes() ? forCapsule(io) : large;
    }

    /** For data that the host has still to send. */
    BufferQueue forTransfer(int bytes) {
        assert bytes <= large.bufferBytes() : "no buffer has " + bytes + " bytes";
        return large;
    }

    /** The one for what a {@link DataCheck} reads. */
    BufferQueue forChecks() {
        return checks;
    }

    /** No buffer is in anybody's hands. */
    boolean areWhole() {
        return small.isWhole() && large.isWhole() && control.isWhole() && checks.isWhole();
    }

    void free() {
        small.free();
        large.free();
        control.free();
        checks.free();
    }

    /** Buffers for the data of IO that are in nobody's hands. */
    int freeCount() {
        return small.freeCount() + large.freeCount();
    }
}
