package io.stria.simulator;

/** What a random run may meet, and many of them have to. */
public enum Hardship {
    /** Something on a device was wrong, and nobody was told. */
    DAMAGE,

    /** A device came back as it had been once. */
    ROLL_BACK,

    /** A device came back empty. */
    WIPE,

    /** A node did without a device that it refused. */
    REFUSED_DEVICE,

    /** Chunks moved. */
    MOVEMENT,

    /** All nodes lost power together. */
    POWER_CUT_OF_ALL,

    /** A write had no room. */
    NO_ROOM,

    /** A host was told of an error. */
    FAILED_IO,

    /** A host did not wait for an answer. */
    GIVEN_UP_IO
}
