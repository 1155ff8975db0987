package io.stria.simulator;

import io.stria.clustermap.Scheme;

/**
 * What hosts do.
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

    /**
     * So much as the journals of small stores hold while a write to a silent store holds back what
     * is committed.
     */
    public LoadConfig of(Scheme scheme) {
        int most = Math.min(blocksMax, 6 * scheme.dataFragments());
        return new LoadConfig(iosAtOnce, pauseMaxNs, most, hotBlocks);
    }

    public LoadConfig withPauses(long maxNs) {
        return new LoadConfig(iosAtOnce, maxNs, blocksMax, hotBlocks);
    }
}
