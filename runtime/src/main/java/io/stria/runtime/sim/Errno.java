package io.stria.runtime.sim;

/** Linux error numbers that simulated calls answer with. */
final class Errno {
    static final int EIO = 5;
    static final int EBADF = 9;
    static final int EINVAL = 22;
    static final int ECONNRESET = 104;
    static final int ETIMEDOUT = 110;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;

    private Errno() {}
}
