package io.stria.dataplane.volume;

import java.time.Duration;

/**
 * Bounds of one owner.
 *
 * @param silentStoreNs a store that has not answered for this long is proposed as behind
 * @param hostWaitNs a host's IO fails with UNAVAILABLE after this long; a write that was begun goes
 *     on without the host
 * @param proposalRepeatNs pause before a proposal is repeated
 * @param opsMax stripe operations at a time of each kind; further ones wait
 * @param scrubEveryNs from the end of one scrub to the next; 0: never
 * @param windowPages that a movement begins with; later windows have as many as time allows
 * @param hedges when hosts' reads go around a slow store
 */
public record OwnerConfig(
        long silentStoreNs,
        long hostWaitNs,
        long proposalRepeatNs,
        int opsMax,
        long scrubEveryNs,
        int windowPages,
        HedgeConfig hedges) {
    public static final OwnerConfig DEFAULT =
            new OwnerConfig(
                    1_500_000_000L,
                    25_000_000_000L,
                    500_000_000L,
                    128,
                    Duration.ofDays(1).toNanos(),
                    64,
                    HedgeConfig.DEFAULT);

    public OwnerConfig {
        if (silentStoreNs <= 0
                || hostWaitNs <= 0
                || proposalRepeatNs <= 0
                || opsMax < 1
                || windowPages < 1) {
            throw new IllegalArgumentException("owner bounds must be positive");
        }
    }

    /** The same, with other hedges. */
    public OwnerConfig with(HedgeConfig others) {
        return new OwnerConfig(
                silentStoreNs,
                hostWaitNs,
                proposalRepeatNs,
                opsMax,
                scrubEveryNs,
                windowPages,
                others);
    }
}
