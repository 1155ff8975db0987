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

    /** The node of such a name; {@link PeerLogin#NO_MEMBER} if it is no node's. */
    static int nodeId(String name) {
        String digits = name.startsWith(NODE) ? name.substring(NODE.length()) : "";
        return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : PeerLogin.NO_MEMBER;
    }

    static String node(int nodeId) {
        return NODE + nodeId;
    }
}
