package io.stria.runtime.nio;

/**
 * Sizes of one {@link NioEngine}.
 *
 * @param fileThreads the most accesses to one file that the kernel has at a time; threads are
 *     started when there is work for them
 * @param handedOver accesses to one file that can wait for a thread without the reactor's help, a
 *     power of two
 * @param receiveBufferBytes the most that one offer to a stream's handler can hold
 * @param sendBufferBytes capacity of each stream's send ring
 */
public record NioConfig(
        int fileThreads, int handedOver, int receiveBufferBytes, int sendBufferBytes) {
    public static final NioConfig DEFAULT = new NioConfig(16, 1024, 256 << 10, 512 << 10);

    private static final int OFFER_BYTES_MIN = 64 << 10;

    public NioConfig {
        if (fileThreads < 1 || fileThreads > 1024) {
            throw new IllegalArgumentException("fileThreads: " + fileThreads);
        }
        if (handedOver < 1 || handedOver > 1 << 15 || Integer.bitCount(handedOver) != 1) {
            throw new IllegalArgumentException("handedOver is not a power of two: " + handedOver);
        }
        checkBuffer("receiveBufferBytes", receiveBufferBytes);
        checkBuffer("sendBufferBytes", sendBufferBytes);
    }

    private static void checkBuffer(String name, int bytes) {
        if (bytes < OFFER_BYTES_MIN || bytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    name + " must be a multiple of 4096 from 65536 on: " + bytes);
        }
    }
}
