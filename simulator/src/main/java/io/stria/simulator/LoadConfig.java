package io.stria.simulator;

/**
 * What hosts do, in logical blocks.
 *
 * @param iosAtOnce how many IOs are under way at a time
 * @param pauseMaxNs between two IOs of one line; uniform from zero
 * @param blocksMax longest IO
 * @param hotBlocks two of three IOs begin among the first so many blocks
 */
public record LoadConfig(int iosAtOnce, long pauseMaxNs, int blocksMax, int hotBlocks) {
    public static LoadConfig standard() {
        return new LoadConfig(8, 80_000_000L, 24, 40);
    }

    public LoadConfig withPauses(long maxNs) {
        return new LoadConfig(iosAtOnce, maxNs, blocksMax, hotBlocks);
    }
}
