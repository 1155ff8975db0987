package io.stria.simulator;

/** What a random run may meet, and many of them have to. */
public enum Hardship {
    /** Something was read that had rotten. */
    ROT,

    /** A write went nowhere, and was acknowledged. */
    LOST_WRITE,

    /** A write went somewhere else, and was acknowledged. */
    MISDIRECTED_WRITE,

    /** Something was asked for that could not be read. */
    UNREADABLE,

    /** A flush failed. */
    FAILED_FLUSH,

    /** A device answered nothing for a while. */
    HUNG_DEVICE,

    /** A device was slow. */
    SLOW_DEVICE,

    /** A device failed whatever it was asked. */
    FAILED_DEVICE,

    /** A process stood still. */
    PAUSE,

    /** Ways between nodes were cut. */
    CUT,

    /** Ways between nodes broke and healed again and again. */
    FLAP,

    /** The network lost messages and was slow. */
    BAD_NETWORK,

    /** Connections were reset. */
    RESET,

    /** A monotonic clock ran at another speed from now on. */
    DRIFT,

    /** Somebody set a wall clock wrong. */
    WALL_CLOCK,

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
