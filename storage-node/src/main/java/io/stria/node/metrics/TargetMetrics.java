package io.stria.node.metrics;

import io.stria.nvmf.TargetCounters;

/** What hosts' connections come to. */
final class TargetMetrics {
    private TargetMetrics() {}

    static void write(Exposition out, TargetCounters target) {
        out.gauge(
                "stria_target_connections",
                "Connections of hosts that are open",
                points -> points.add(target.accepted() - target.closed()));
        out.counter(
                "stria_target_connections_accepted",
                "Connections of hosts that were accepted",
                points -> points.add(target.accepted()));
        out.counter(
                "stria_target_limit_hits",
                "Connections that were refused, or made room as strangers, since there were"
                        + " too many",
                points -> {
                    points.add(target.refused(), "limit", "connections");
                    points.add(target.displaced(), "limit", "strangers");
                });
        out.counter(
                "stria_target_timeouts",
                "Connections or controllers that ended since their host did nothing in time",
                points -> {
                    points.add(target.late(), "timeout", "handshake");
                    points.add(target.stalled(), "timeout", "stall");
                    points.add(target.silent(), "timeout", "keep_alive");
                });
        out.counter(
                "stria_target_hostile_pdus",
                "Connections that were terminated because of what their host sent",
                points -> points.add(target.violations()));
        out.counter(
                "stria_target_digest_errors",
                "PDUs whose digest did not match",
                points -> {
                    points.add(target.headerDigestErrors(), "part", "header");
                    points.add(target.dataDigestErrors(), "part", "data");
                });
    }
}
