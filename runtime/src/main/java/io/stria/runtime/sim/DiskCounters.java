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
