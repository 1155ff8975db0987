package io.stria.nvmf;

import java.net.InetSocketAddress;

/**
 * Settings of one {@link NvmfTarget}.
 *
 * @param address where hosts connect; port 0 picks a free one
 * @param controllerIds disjoint from those of all other nodes
 * @param ioQueues most IO queues of one controller
 * @param queueEntries most entries of one queue, at least 32
 * @param capsuleBytes most in-capsule data, a multiple of 16
 * @param connectionsMax beyond it one that is no queue yet is closed, the new one if all are
 * @param entriesMax of all queues together: each is a command on the heap once it was in use
 * @param handshakeTimeoutNs how long a connection may take to become a queue
 * @param stallTimeoutNs how long a host may leave data that it owes unsent, or answers unread: both
 *     keep buffers from others
 * @param buffers how much data can be on its way
 */
public record TargetConfig(
        InetSocketAddress address,
        ControllerIds controllerIds,
        int ioQueues,
        int queueEntries,
        int capsuleBytes,
        int connectionsMax,
        int entriesMax,
        long handshakeTimeoutNs,
        long stallTimeoutNs,
        BufferConfig buffers) {
    public TargetConfig {
        if (ioQueues < 1 || ioQueues > 0xFFFE) {
            throw new IllegalArgumentException("cannot have " + ioQueues + " IO queues");
        }
        if (queueEntries < 32 || queueEntries > 4096) {
            throw new IllegalArgumentException(
                    "queue entries must be 32 to 4096, not " + queueEntries);
        }
        if (capsuleBytes < 4096 || capsuleBytes % 16 != 0) {
            throw new IllegalArgumentException(
                    "in-capsule data must be a multiple of 16 from 4096 on, not " + capsuleBytes);
        }
        if (capsuleBytes > buffers.smallBytes()) {
            throw new IllegalArgumentException(
                    "in-capsule data of %d bytes does not fit buffers of %d"
                            .formatted(capsuleBytes, buffers.smallBytes()));
        }
        if (connectionsMax < 1
                || entriesMax < 1
                || handshakeTimeoutNs <= 0
                || stallTimeoutNs <= 0) {
            throw new IllegalArgumentException("limits on connections must be positive");
        }
    }

    /** 16 IO queues of 128 entries, 8 KiB in the capsule, 4096 connections with 2^18 entries. */
    public static TargetConfig of(InetSocketAddress address, ControllerIds controllerIds) {
        return new TargetConfig(
                address,
                controllerIds,
                16,
                128,
                8192,
                4096,
                1 << 18,
                10_000_000_000L,
                30_000_000_000L,
                BufferConfig.standard());
    }

    public TargetConfig withBuffers(BufferConfig other) {
        return new TargetConfig(
                address,
                controllerIds,
                ioQueues,
                queueEntries,
                capsuleBytes,
                connectionsMax,
                entriesMax,
                handshakeTimeoutNs,
                stallTimeoutNs,
                other);
    }

    public TargetConfig withConnectionsMax(int connections) {
        return new TargetConfig(
                address,
                controllerIds,
                ioQueues,
                queueEntries,
                capsuleBytes,
                connections,
                entriesMax,
                handshakeTimeoutNs,
                stallTimeoutNs,
                buffers);
    }

    public TargetConfig withEntriesMax(int entries) {
        return new TargetConfig(
                address,
                controllerIds,
                ioQueues,
                queueEntries,
                capsuleBytes,
                connectionsMax,
                entries,
                handshakeTimeoutNs,
                stallTimeoutNs,
                buffers);
    }
}
