package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Opens a ring with as many of the wanted features as the kernel knows, and describes it.
 *
 * <pre>
 * struct io_uring_params (120 bytes)
 *   0  sq_entries   4 cq_entries   8 flags      12 sq_thread_cpu  16 sq_thread_idle
 *  20  features    24 wq_fd       28 resv[3]
 *  40  sq_off: +0 head +4 tail +8 ring_mask +12 ring_entries +16 flags +20 dropped +24 array
 *  80  cq_off: +0 head +4 tail +8 ring_mask +12 ring_entries +16 overflow +20 cqes +24 flags
 * </pre>
 *
 * @param fd the ring
 * @param flags setup flags that the kernel took
 */
record UringSetup(
        int fd,
        int flags,
        int sqEntries,
        int cqEntries,
        int sqHead,
        int sqTail,
        int sqFlags,
        int sqArray,
        int cqHead,
        int cqTail,
        int cqes) {
    static final int CQSIZE = 1 << 3;
    static final int CLAMP = 1 << 4;
    static final int R_DISABLED = 1 << 6;
    static final int SUBMIT_ALL = 1 << 7;
    static final int COOP_TASKRUN = 1 << 8;
    static final int TASKRUN_FLAG = 1 << 9;
    static final int SINGLE_ISSUER = 1 << 12;
    static final int DEFER_TASKRUN = 1 << 13;
    static final int NO_SQARRAY = 1 << 16;

    private static final int FEAT_SINGLE_MMAP = 1;
    private static final int FEAT_NODROP = 1 << 1;
    private static final int FEAT_EXT_ARG = 1 << 8;
    private static final int FEATURES_NEEDED = FEAT_SINGLE_MMAP | FEAT_NODROP | FEAT_EXT_ARG;

    private static final int PARAMETERS_BYTES = 120;
    private static final int SQ_OFFSETS = 40;
    private static final int CQ_OFFSETS = 80;

    private static final int BASE = CQSIZE | CLAMP;
    private static final int DEFERRED =
            BASE | SUBMIT_ALL | TASKRUN_FLAG | SINGLE_ISSUER | DEFER_TASKRUN | R_DISABLED;

    /** From the newest kernel (6.6) to the oldest one that will do (5.11). */
    private static final int[] ATTEMPTS = {
        DEFERRED | NO_SQARRAY, DEFERRED, BASE | SUBMIT_ALL | TASKRUN_FLAG | COOP_TASKRUN, BASE
    };

    static UringSetup open(int entries, int completions) throws IOException {
        int result = -Errno.EINVAL;
        for (int i = 0; i < ATTEMPTS.length && result == -Errno.EINVAL; i++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment parameters = arena.allocate(PARAMETERS_BYTES, Long.BYTES);
                parameters.set(JAVA_INT, 4, completions);
                parameters.set(JAVA_INT, 8, ATTEMPTS[i]);
                result = UringCalls.setup(entries, parameters);
                if (result >= 0) {
                    return checked(result, parameters);
                }
            }
        }
        throw Linux.failure("the kernel refuses io_uring" + hint(-result), result);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Bytes of the mapping that holds both rings. */
    long ringBytes() {
        return Math.max(
                cqes + (long) cqEntries * IoUring.CQE_BYTES, sqArray + (long) sqEntries * 4);
    }

    private static UringSetup checked(int fd, MemorySegment parameters) throws IOException {
        int features = parameters.get(JAVA_INT, 20);
        if ((features & FEATURES_NEEDED) != FEATURES_NEEDED) {
            Linux.close(fd);
            throw new IOException("this kernel's io_uring is too old: Linux 5.11 is the oldest");
        }
        return new UringSetup(
                fd,
                parameters.get(JAVA_INT, 8),
                parameters.get(JAVA_INT, 0),
                parameters.get(JAVA_INT, 4),
                parameters.get(JAVA_INT, SQ_OFFSETS),
                parameters.get(JAVA_INT, SQ_OFFSETS + 4),
                parameters.get(JAVA_INT, SQ_OFFSETS + 16),
                parameters.get(JAVA_INT, SQ_OFFSETS + 24),
                parameters.get(JAVA_INT, CQ_OFFSETS),
                parameters.get(JAVA_INT, CQ_OFFSETS + 4),
                parameters.get(JAVA_INT, CQ_OFFSETS + 20));
    }

    private static String hint(int errno) {
        return switch (errno) {
            case Errno.EPERM ->
                    " (see the sysctl kernel.io_uring_disabled; a container's seccomp profile may"
                            + " forbid it too)";
            case Errno.ENOSYS -> " (it was built without, or a seccomp profile forbids it)";
            case Errno.ENOMEM -> " (see ulimit -l: locked memory)";
            default -> "";
        };
    }
}
