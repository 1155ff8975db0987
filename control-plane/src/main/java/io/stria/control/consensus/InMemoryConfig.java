package io.stria.control.consensus;

/**
 * Times of a simulated cluster.
 *
 * @param electionMinNs shortest silence after which a voter stands for election
 * @param delayMaxNs longest way of a message
 */
public record InMemoryConfig(
        long electionMinNs,
        long electionMaxNs,
        long heartbeatNs,
        long delayMinNs,
        long delayMaxNs) {
    public static InMemoryConfig standard() {
        return new InMemoryConfig(700_000_000, 1_400_000_000, 300_000_000, 100_000, 5_000_000);
    }
}
