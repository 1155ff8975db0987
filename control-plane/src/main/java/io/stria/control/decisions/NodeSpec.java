package io.stria.control.decisions;

/**
 * What a node says of itself.
 *
 * @param voter whether it takes part in consensus; fixed when the cluster is made
 */
public record NodeSpec(
        int id,
        String address,
        int dataPort,
        int apiPort,
        int consensusPort,
        String zone,
        String rack,
        boolean voter) {}
