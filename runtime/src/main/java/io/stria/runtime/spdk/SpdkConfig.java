package io.stria.runtime.spdk;

/**
 * How devices are driven through SPDK.
 *
 * @param queueEntries commands that a device has at once; more wait
 * @param requests pieces that commands in flight may be cut into, all together
 * @param ioTimeoutNs after which a command counts as lost and its device is reset
 * @param resetTimeoutNs how long a device may take to come back before it counts as gone
 * @param adminTimeoutMs until an administrative command counts as lost while connecting
 * @param keepAliveMs after which a silent connection is given up by the device
 * @param bounces whether all data that is not in memory of SPDK's goes through buffers of it, as it
 *     does anyway where the device cannot reach ours
 */
public record SpdkConfig(
        int queueEntries,
        int requests,
        long ioTimeoutNs,
        long resetTimeoutNs,
        int adminTimeoutMs,
        int keepAliveMs,
        boolean bounces) {
    public static final SpdkConfig DEFAULT =
            new SpdkConfig(128, 1024, 7_000_000_000L, 10_000_000_000L, 5_000, 10_000, false);

    public SpdkConfig {
        if (queueEntries < 2 || queueEntries > 4096 || requests < queueEntries) {
            throw new IllegalArgumentException(
                    queueEntries + " entries, " + requests + " requests");
        }
        if (ioTimeoutNs <= 0 || resetTimeoutNs <= 0 || adminTimeoutMs <= 0 || keepAliveMs < 0) {
            throw new IllegalArgumentException("a timeout is not positive");
        }
    }
}
