package io.stria.nvmf;

import io.stria.runtime.Memory;

/**
 * The buffer pools of one target.
 *
 * <p>Small buffers are only ever held by commands that need nothing more from their host to go on;
 * a command that still has to receive its data (R2T) takes a large one, however short. So a
 * connection may stop reading until a small buffer comes free: it always does.
 */
final class Buffers {
    private final BufferQueue small;
    private final BufferQueue large;
    private final BufferQueue checks;

    Buffers(Memory memory, BufferConfig config) {
        small = new BufferQueue(memory, config.smallBytes(), config.smallCount());
        large = new BufferQueue(memory, config.largeBytes(), config.largeCount());
        checks = new BufferQueue(memory, config.largeBytes(), 1);
    }

    /** For in-capsule data. */
    BufferQueue forCapsule() {
        return small;
    }

    /** For data that goes to the host: the smallest that is large enough. */
    BufferQueue forRead(int bytes) {
        return bytes <= small.bufferBytes() ? small : forTransfer(bytes);
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
        return small.isWhole() && large.isWhole() && checks.isWhole();
    }

    void free() {
        small.free();
        large.free();
        checks.free();
    }

    /** Buffers for hosts' data that are in nobody's hands. */
    int freeCount() {
        return small.freeCount() + large.freeCount();
    }
}
