package io.stria.nvmf;

import io.stria.runtime.Memory;
import java.util.HashMap;
import java.util.Map;

/**
 * The buffer pools of one target.
 *
 * <p>Small buffers are only ever held by commands that need nothing more from their host to go on;
 * a command that still has to receive its data (R2T) takes a large one or a huge one, however
 * short. So a connection may stop reading until a small buffer comes free: it always does. Admin
 * commands have small buffers of their own, which no device ever keeps: hosts are told what is the
 * matter while volumes are stuck. Each volume has a share, so that one that is stuck does not keep
 * them all; of the small ones for admin commands too. Connections that are no queues yet take none:
 * see {@link Connection#connectData}.
 */
final class Buffers {
    private static final int CONTROL_COUNT = 64;
    private static final int CHECKS_COUNT = 16;

    /** What the commands of a connection take. */
    record Shares(BufferShare small, BufferShare large, BufferShare huge) {
        /** For in-capsule data. */
        BufferShare forCapsule() {
            return small;
        }

        /** For data that goes to the host: the smallest that is large enough. */
        BufferShare forRead(int bytes) {
            return bytes <= small.bufferBytes() ? small : forTransfer(bytes);
        }

        /** For data that the host has still to send. */
        BufferShare forTransfer(int bytes) {
            assert bytes <= huge.bufferBytes() : "no buffer has " + bytes + " bytes";
            return bytes <= large.bufferBytes() ? large : huge;
        }
    }

    private final BufferQueue small;
    private final BufferQueue large;
    private final BufferQueue huge;
    private final BufferQueue control;
    private final BufferQueue checks;
    private final BufferShare checksShare;
    private final Map<Subsystem, Shares> shares = new HashMap<>();
    private final Map<Subsystem, BufferShare> controlShares = new HashMap<>();

    Buffers(Memory memory, BufferConfig config) {
        small = new BufferQueue(memory, config.smallBytes(), config.smallCount());
        large = new BufferQueue(memory, config.largeBytes(), config.largeCount());
        huge = new BufferQueue(memory, config.hugeBytes(), config.hugeCount());
        control = new BufferQueue(memory, config.smallBytes(), CONTROL_COUNT);
        checks = new BufferQueue(memory, config.hugeBytes(), CHECKS_COUNT);
        checksShare = checks.soleShare();
    }

    Shares ofAdminQueue(Subsystem subsystem) {
        Shares io = ofIoQueue(subsystem);
        BufferShare own = controlShares.computeIfAbsent(subsystem, key -> control.newShare());
        return new Shares(own, io.large(), io.huge());
    }

    Shares ofIoQueue(Subsystem subsystem) {
        return shares.computeIfAbsent(
                subsystem, key -> new Shares(small.newShare(), large.newShare(), huge.newShare()));
    }

    /** No connection will ask for this one's shares any more. */
    void forget(Subsystem subsystem) {
        shares.remove(subsystem);
        controlShares.remove(subsystem);
    }

    /** For what a {@link DataCheck} reads. */
    BufferShare forChecks() {
        return checksShare;
    }

    /** No buffer is in anybody's hands. */
    boolean areWhole() {
        return small.isWhole()
                && large.isWhole()
                && huge.isWhole()
                && control.isWhole()
                && checks.isWhole();
    }

    void free() {
        small.free();
        large.free();
        huge.free();
        control.free();
        checks.free();
    }

    /** Those who wait for a buffer for the data of IO. */
    int waiting() {
        return small.waiting() + large.waiting() + huge.waiting();
    }

    /** Buffers for the data of IO that are in nobody's hands. */
    int freeCount() {
        return small.freeCount() + large.freeCount() + huge.freeCount();
    }
}
