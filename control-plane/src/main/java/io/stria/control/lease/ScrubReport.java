package io.stria.control.lease;

/**
 * An owner's word on its scrubs, since it began at this epoch of the volume.
 *
 * @param underWay a pass runs, or is to begin as soon as no chunks move
 * @param pagesDone of that pass
 * @param pages of the volume
 * @param passes that came to their end
 * @param endedSecondsAgo when the last of them did; 0 before the first has
 * @param blocks of which all fragments were compared
 * @param faults fragments found wrong or missing
 * @param repaired those of them that were written again
 * @param strays chunks that lay where they did not belong, freed
 */
public record ScrubReport(
        int vuid,
        int volumeEpoch,
        boolean underWay,
        long pagesDone,
        long pages,
        long passes,
        long endedSecondsAgo,
        long blocks,
        long faults,
        long repaired,
        long strays) {}
