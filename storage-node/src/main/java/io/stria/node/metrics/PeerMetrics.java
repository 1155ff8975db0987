package io.stria.node.metrics;

import io.stria.dataplane.peer.PeerCounters;

/** What the connections of other nodes, or of who says to be one, come to. */
final class PeerMetrics {
    private PeerMetrics() {}

    static void write(Exposition out, PeerCounters peers) {
        out.counter(
                "stria_peer_connections_accepted",
                "Connections to this node's devices that were accepted",
                points -> points.add(peers.accepted()));
        out.counter(
                "stria_peer_limit_hits",
                "Connections to devices that were refused, or made room as strangers",
                points -> {
                    points.add(peers.refused(), "limit", "connections");
                    points.add(peers.displaced(), "limit", "strangers");
                });
        out.counter(
                "stria_peer_timeouts",
                "Connections to devices that did nothing in time",
                points -> {
                    points.add(peers.late(), "timeout", "login");
                    points.add(peers.stalled(), "timeout", "stall");
                });
        out.counter(
                "stria_peer_hostile_pdus",
                "Connections to devices that were closed because of what came on them",
                points -> points.add(peers.violations()));
        out.counter(
                "stria_peer_denied_logins",
                "Logins that named no device here or did not prove the cluster's secret",
                points -> points.add(peers.denied()));
    }
}
