package io.stria.runtime.sim;

/**
 * What a disk was asked to do since it was made: counted when the request arrives.
 *
 * @param durableWrites those of {@code writes} that asked to survive a power cut
 */
public record DiskCounters(
        long reads,
        long readBytes,
        long writes,
        long writtenBytes,
        long durableWrites,
        long flushes,
        long discards) {
    static final DiskCounters ZERO = new DiskCounters(0, 0, 0, 0, 0, 0, 0);

    DiskCounters plus(DiskObserver.Kind kind, long bytes) {
        return switch (kind) {
            case READ -> plus(1, bytes, 0, 0, 0, 0, 0);
            case WRITE -> plus(0, 0, 1, bytes, 0, 0, 0);
            case DURABLE_WRITE -> plus(0, 0, 1, bytes, 1, 0, 0);
            case FLUSH -> plus(0, 0, 0, 0, 0, 1, 0);
            case DISCARD -> plus(0, 0, 0, 0, 0, 0, 1);
        };
    }

    private DiskCounters plus(
            int newReads,
            long newReadBytes,
            int newWrites,
            long newWrittenBytes,
            int newDurableWrites,
            int newFlushes,
            int newDiscards) {
        return new DiskCounters(
                reads + newReads,
                readBytes + newReadBytes,
                writes + newWrites,
                writtenBytes + newWrittenBytes,
                durableWrites + newDurableWrites,
                flushes + newFlushes,
                discards + newDiscards);
    }

    /** What happened between an earlier reading and this one. */
    public DiskCounters since(DiskCounters earlier) {
        return new DiskCounters(
                reads - earlier.reads,
                readBytes - earlier.readBytes,
                writes - earlier.writes,
                writtenBytes - earlier.writtenBytes,
                durableWrites - earlier.durableWrites,
                flushes - earlier.flushes,
                discards - earlier.discards);
    }
}
