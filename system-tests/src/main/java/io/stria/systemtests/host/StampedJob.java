package io.stria.systemtests.host;

/**
 * What {@link StampedWrites} writes: 4 KiB blocks {@code firstBlock} to {@code firstBlock + blocks
 * - 1} of a device or file of the host, at random.
 *
 * @param inFlight operations at a time, never two on one block
 * @param readPercent share of reads, whose blocks are judged at once
 * @param perSecond operations per second at most; 0 is as many as the device and the CPU allow
 */
public record StampedJob(
        String device, long firstBlock, long blocks, int inFlight, int readPercent, int perSecond) {

    public StampedJob {
        if (firstBlock < 0 || blocks < 1 || inFlight < 1 || perSecond < 0) {
            throw new IllegalArgumentException("no such blocks or no such load");
        }
        if (readPercent < 0 || readPercent > 99) {
            throw new IllegalArgumentException("reads are 0 to 99 percent: " + readPercent);
        }
    }

    /**
     * The first blocks of {@code device}: 16 operations in flight, a fifth of them reads, no limit.
     */
    public static StampedJob on(String device, long blocks) {
        return new StampedJob(device, 0, blocks, 16, 20, 0);
    }

    public StampedJob from(long block) {
        return new StampedJob(device, block, blocks, inFlight, readPercent, perSecond);
    }

    public StampedJob inFlight(int operations) {
        return new StampedJob(device, firstBlock, blocks, operations, readPercent, perSecond);
    }

    public StampedJob readPercent(int percent) {
        return new StampedJob(device, firstBlock, blocks, inFlight, percent, perSecond);
    }

    public StampedJob perSecond(int operations) {
        return new StampedJob(device, firstBlock, blocks, inFlight, readPercent, operations);
    }
}
