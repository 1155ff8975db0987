package io.stria.runtime.uring;

/**
 * Sizes of one {@link IoUringEngine}.
 *
 * @param queueEntries operations queued between two submissions, a power of two
 * @param completionEntries completions that can wait for a poll, a power of two above {@code
 *     queueEntries}; more wait inside the kernel, which is slower
 * @param receiveBufferBytes the most that one offer to a stream's handler can hold
 * @param sendBufferBytes capacity of each stream's send ring
 */
public record UringConfig(
        int queueEntries, int completionEntries, int receiveBufferBytes, int sendBufferBytes) {
    public static final UringConfig DEFAULT = new UringConfig(1024, 8192, 256 << 10, 512 << 10);

    private static final int OFFER_BYTES_MIN = 64 << 10;

    public UringConfig {
        checkPowerOfTwo("queueEntries", queueEntries);
        checkPowerOfTwo("completionEntries", completionEntries);
        if (completionEntries <= queueEntries) {
            throw new IllegalArgumentException(
                    "completionEntries must be above queueEntries: " + completionEntries);
        }
        checkBuffer("receiveBufferBytes", receiveBufferBytes);
        checkBuffer("sendBufferBytes", sendBufferBytes);
    }

    private static void checkPowerOfTwo(String name, int value) {
        if (value < 1 || value > 1 << 15 || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(name + " is not a power of two: " + value);
        }
    }

    private static void checkBuffer(String name, int bytes) {
        if (bytes < OFFER_BYTES_MIN || bytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    name + " must be a multiple of 4096 from 65536 on: " + bytes);
        }
    }
}
