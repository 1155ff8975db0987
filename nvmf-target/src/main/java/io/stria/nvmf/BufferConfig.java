package io.stria.nvmf;

/**
 * Data buffers of a target, in three sizes.
 *
 * @param smallBytes for in-capsule data and short reads
 * @param largeBytes for most other IO
 * @param hugeBytes for what is longer still: the longest transfer, and the most that one PDU of a
 *     host carries (MAXH2CDATA): Linux before 5.17 sends all that an R2T asks for in one
 */
public record BufferConfig(
        int smallBytes,
        int smallCount,
        int largeBytes,
        int largeCount,
        int hugeBytes,
        int hugeCount) {
    private static final int PAGE_BYTES = 4096;

    public BufferConfig {
        check(smallBytes, smallCount);
        check(largeBytes, largeCount);
        check(hugeBytes, hugeCount);
    }

    private static void check(int bytes, int count) {
        if (bytes <= 0 || bytes % PAGE_BYTES != 0) {
            throw new IllegalArgumentException(
                    "a buffer has a multiple of 4096 bytes, not " + bytes);
        }
        if (count < 1 || (long) bytes * count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    count + " buffers of " + bytes + " bytes are too few or too many");
        }
    }

    /** 8 MiB of small buffers, 32 MiB of large and of huge ones. */
    public static BufferConfig standard() {
        return new BufferConfig(8192, 1024, 128 * 1024, 256, 1 << 20, 32);
    }
}
