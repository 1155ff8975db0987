package io.stria.nvme;

/** Asymmetric namespace access: what a path is good for. */
public enum AnaState {
    OPTIMIZED(0x1),
    NON_OPTIMIZED(0x2),
    INACCESSIBLE(0x3),
    PERSISTENT_LOSS(0x4),
    /** About to become something else; hosts wait for it up to ANATT. */
    CHANGE(0xF);

    private final int code;

    AnaState(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
