package io.stria.dataplane.volume;

/**
 * What scrubs of a volume have done since its owner began.
 *
 * @param pages of the pass that runs, compared so far; 0 when none runs
 * @param passes that came to their end
 * @param blocks of which all fragments were compared
 * @param faults fragments found wrong or missing, and repaired where that was possible
 * @param strays chunks that lay where they did not belong, freed
 */
public record ScrubFigures(long pages, long passes, long blocks, long faults, long strays) {
    public static final ScrubFigures NONE = new ScrubFigures(0, 0, 0, 0, 0);
}
