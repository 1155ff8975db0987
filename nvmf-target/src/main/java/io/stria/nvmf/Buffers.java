package io.stria.nvmf;

import java.lang.foreign.Arena;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The buffer pools of one target.
 *
 * <p>Small buffers are only ever held by commands that need nothing more from their host to go on;
 * a command that still has to receive its data (R2T) takes a large one, however short. So a
 * connection may stop reading until a small buffer comes free: it always does.
 */
final class Buffers {
    private final BufferPool small;
    private final BufferPool large;
    private final @Nullable BufferPool huge;

    Buffers(Arena arena, BufferConfig config) {
        small = new BufferPool(arena, config.smallBytes(), config.smallCount());
        large = new BufferPool(arena, config.largeBytes(), config.largeCount());
        huge =
                config.hugeCount() == 0
                        ? null
                        : new BufferPool(arena, config.hugeBytes(), config.hugeCount());
    }

    /** For in-capsule data. */
    BufferPool forCapsule() {
        return small;
    }

    /** For data that goes to the host: the smallest that is large enough. */
    BufferPool forRead(int bytes) {
        return bytes <= small.bufferBytes() ? small : forTransfer(bytes);
    }

    /** For data that the host has still to send. */
    BufferPool forTransfer(int bytes) {
        if (bytes <= large.bufferBytes()) {
            return large;
        }
        BufferPool largest = Objects.requireNonNull(huge, "no huge buffers");
        assert bytes <= largest.bufferBytes() : "no buffer has " + bytes + " bytes";
        return largest;
    }

    /** Buffers that are in nobody's hands. */
    int freeCount() {
        return small.freeCount() + large.freeCount() + (huge == null ? 0 : huge.freeCount());
    }
}
