package io.stria.control.lease;

/**
 * Whether a node's voter takes part in decisions, as the node says with its renewals: nobody else
 * knows of one whose disk has failed, since its node serves on.
 *
 * @param reason why it takes part in nothing; empty if it does, and where nothing is known
 * @param freeBytes what the file system of its log has left; {@link #UNKNOWN_BYTES} if nobody has
 *     looked yet
 */
public record VoterReport(State state, String reason, long freeBytes) {
    /** Of the file system of a log. */
    public static final long UNKNOWN_BYTES = -1;

    /**
     * Below this an operator is told. Snapshots of the longest map that there can be, the log
     * between two of them, and the files that a node logs to, which lie beside it, stay below a
     * third of this: the rest is time for somebody to look.
     */
    public static final long FREE_BYTES_MIN = 256L << 20;

    /** Nothing has been heard of it: a leader that has just begun takes it for gone. */
    public static final VoterReport UNHEARD = new VoterReport(State.UNKNOWN, "", UNKNOWN_BYTES);

    public static final VoterReport NONE =
            new VoterReport(State.NONE, "its node has none", UNKNOWN_BYTES);

    public enum State {
        UNKNOWN,
        WORKS,

        /** Until its node starts again. */
        FAILED,

        /** What its node found when it started is no log that could be opened. */
        UNOPENED,

        /** The node is no voter. */
        NONE
    }

    public VoterReport {
        if (freeBytes < UNKNOWN_BYTES) {
            throw new IllegalArgumentException(freeBytes + " bytes are free");
        }
    }

    public static VoterReport works(long freeBytes) {
        return new VoterReport(State.WORKS, "", freeBytes);
    }

    /** It takes part as far as its node knows. */
    public boolean works() {
        return state == State.WORKS;
    }

    /** Its node is to have one, and says that it takes part in nothing. */
    public boolean hasFailed() {
        return state == State.FAILED || state == State.UNOPENED;
    }

    /** Without room its log fails with the next file that it needs. */
    public boolean lacksRoom() {
        return freeBytes != UNKNOWN_BYTES && freeBytes < FREE_BYTES_MIN;
    }
}
