package io.stria.dataplane.peer;

import java.util.UUID;

/** NQNs that only members of a cluster use with each other. */
final class PeerNames {
    private static final String DEVICE = "nqn.2026-11.io.stria:device:";
    private static final String NODE = "nqn.2026-11.io.stria:node:";

    private PeerNames() {}

    static String device(UUID deviceId) {
        return DEVICE + deviceId;
    }

    static String node(int nodeId) {
        return NODE + nodeId;
    }
}
