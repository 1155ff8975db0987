package io.stria.node;

import io.stria.node.cluster.EngineKind;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;

/**
 * The engine of a node's reactor: io_uring, or NIO where that was asked for or io_uring is refused,
 * as the default seccomp profiles of containers do.
 *
 * @param kind what it is: never {@link EngineKind#AUTO}
 * @param sentence what it is and why, for the log
 */
public record NodeEngine(Engine engine, EngineKind kind, String sentence) {
    /**
     * @throws IOException with what would allow it, when the one that was asked for is refused
     */
    static NodeEngine open(EngineKind asked, Memory memory) throws IOException {
        return switch (asked) {
            case IO_URING -> ioUring(memory, "engine io_uring, as asked for");
            case NIO -> nio(memory, "engine nio, as asked for");
            case AUTO -> {
                String refusal = IoUring.refusal();
                yield refusal.isEmpty()
                        ? ioUring(memory, describe(refusal))
                        : nio(memory, describe(refusal));
            }
        };
    }

    /** What {@link EngineKind#AUTO} comes to on this machine, and why. */
    public static String describeAutomaticChoice() {
        return describe(IoUring.refusal());
    }

    private static String describe(String refusal) {
        return refusal.isEmpty()
                ? "engine io_uring"
                : "engine nio, which takes more CPU, since " + refusal;
    }

    private static NodeEngine ioUring(Memory memory, String sentence) throws IOException {
        Engine engine = new IoUringEngine(UringConfig.DEFAULT, memory);
        return new NodeEngine(engine, EngineKind.IO_URING, sentence);
    }

    private static NodeEngine nio(Memory memory, String sentence) throws IOException {
        Engine engine = new NioEngine(NioConfig.DEFAULT, memory);
        return new NodeEngine(engine, EngineKind.NIO, sentence);
    }
}
