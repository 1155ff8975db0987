package io.stria.runtime.sim;

/**
 * What kind of device a {@link SimulatedDisk} is.
 *
 * @param sizeBytes a multiple of 4096
 * @param blockBytes 512 or 4096: the unit that a power cut does not tear
 * @param volatileCache completed writes that are neither durable nor flushed may vanish at a power
 *     cut; false: a device whose cache survives it
 * @param cacheBytes with more than this much unflushed, each page of 4 KiB that a write touches
 *     counted, the oldest is written out unasked
 * @param bytesPerSecond shared by reads and writes; 0: no limit
 * @param read time of a read after its bytes had their turn
 * @param write time of a write into the cache
 * @param persist added to a durable write, and the time of a flush
 */
public record DiskConfig(
        long sizeBytes,
        int blockBytes,
        boolean volatileCache,
        long cacheBytes,
        long bytesPerSecond,
        Latency read,
        Latency write,
        Latency persist) {
    private static final long DEFAULT_CACHE_BYTES = 16L << 20;

    public DiskConfig {
        if (sizeBytes <= 0 || sizeBytes % SparseImage.PAGE_BYTES != 0) {
            throw new IllegalArgumentException("size of a disk: " + sizeBytes + " bytes");
        }
        if (blockBytes != 512 && blockBytes != 4096) {
            throw new IllegalArgumentException("block of a disk: " + blockBytes + " bytes");
        }
    }

    /** A flash device with a volatile cache, latencies that overtake each other and a slow tail. */
    public static DiskConfig flash(long sizeBytes, int blockBytes) {
        Latency stall = Latency.uniform(1_000_000, 5_000_000);
        return new DiskConfig(
                sizeBytes,
                blockBytes,
                true,
                DEFAULT_CACHE_BYTES,
                2L << 30,
                Latency.exponential(50_000, 80_000).sometimes(0.001, stall),
                Latency.exponential(8_000, 15_000).sometimes(0.001, stall),
                Latency.exponential(10_000, 30_000));
    }

    /** Takes no time; everything else as {@link #flash}. */
    public static DiskConfig instant(long sizeBytes, int blockBytes) {
        return flash(sizeBytes, blockBytes)
                .withLatency(Latency.none(), Latency.none(), Latency.none())
                .withBytesPerSecond(0);
    }

    public DiskConfig withSize(long bytes) {
        return new DiskConfig(
                bytes, blockBytes, volatileCache, cacheBytes, bytesPerSecond, read, write, persist);
    }

    public DiskConfig withBlock(int bytes) {
        return new DiskConfig(
                sizeBytes, bytes, volatileCache, cacheBytes, bytesPerSecond, read, write, persist);
    }

    public DiskConfig withPowerLossProtection() {
        return new DiskConfig(
                sizeBytes, blockBytes, false, cacheBytes, bytesPerSecond, read, write, persist);
    }

    public DiskConfig withCache(long bytes) {
        return new DiskConfig(
                sizeBytes, blockBytes, volatileCache, bytes, bytesPerSecond, read, write, persist);
    }

    public DiskConfig withBytesPerSecond(long rate) {
        return new DiskConfig(
                sizeBytes, blockBytes, volatileCache, cacheBytes, rate, read, write, persist);
    }

    public DiskConfig withLatency(Latency newRead, Latency newWrite, Latency newPersist) {
        return new DiskConfig(
                sizeBytes,
                blockBytes,
                volatileCache,
                cacheBytes,
                bytesPerSecond,
                newRead,
                newWrite,
                newPersist);
    }
}
