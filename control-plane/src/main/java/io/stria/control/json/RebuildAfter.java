package io.stria.control.json;

/**
 * What stands for the time after which a device that stays away is rebuilt, in a state that was
 * written before that could be set.
 */
public final class RebuildAfter {
    /** What it is called where it is missing. */
    public static final String NAME = "rebuildAfterSeconds";

    /** Longer than a restart of a machine takes, shorter than anybody wants to be without it. */
    public static final long SECONDS_DEFAULT = 600;

    private RebuildAfter() {}
}
