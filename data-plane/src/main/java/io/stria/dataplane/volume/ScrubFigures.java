package io.stria.dataplane.volume;

/**
 * What scrubs of a volume have done since its owner began.
 *
 * @param epoch of the volume, at which that owner serves it
 * @param underWay a pass runs, or is to begin as soon as nothing moves
 * @param pagesDone of the pass that runs, compared so far; 0 when none runs
 * @param pages of the volume
 * @param passes that came to their end
 * @param endedNs when the last of them did, on the reactor's clock; 0 before the first has
 * @param blocks of which all fragments were compared
 * @param faults fragments found wrong or missing
 * @param repaired those of them that were written again
 * @param strays chunks that lay where they did not belong, freed
 */
public record ScrubFigures(
        int vuid,
        int epoch,
        boolean underWay,
        long pagesDone,
        long pages,
        long passes,
        long endedNs,
        long blocks,
        long faults,
        long repaired,
        long strays) {
    public static final ScrubFigures NONE = new ScrubFigures(0, 0, false, 0, 0, 0, 0, 0, 0, 0, 0);
}
