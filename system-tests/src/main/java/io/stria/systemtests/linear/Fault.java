package io.stria.systemtests.linear;

/** What is done to a cluster, one at a time; at most two nodes are concerned. */
enum Fault {
    KILL_OWNER,
    FREEZE_OWNER,
    UNPLUG_OWNER,
    /** Hosts reach it, other nodes do not. */
    CUT_OWNER_FROM_PEERS,
    /** The others do not hear it; it hears them. */
    MUTE_OWNER,
    KILL_TWO,
    FREEZE_OWNER_AND_LEADER,
    /** Two nodes and three, all reached by hosts. */
    PARTITION,
    KILL_ANOTHER_WHILE_OWNER_IS_FROZEN,
    FREEZE_OTHER,
    DEAFEN_OWNER
}
