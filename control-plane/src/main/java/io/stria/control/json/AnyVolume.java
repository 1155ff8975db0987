package io.stria.control.json;

import java.util.UUID;

/**
 * What stands for the id of a volume in a decision to delete one that was written before such
 * decisions named the id.
 */
public final class AnyVolume {
    /** What it is called where it is missing. */
    public static final String NAME = "anyVolume";

    public static final UUID ID = new UUID(0, 0);

    private AnyVolume() {}
}
