package io.stria.nvmf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Commands of connections that have gone, as long as they are still executing. A host that has
 * given up a connection sends its commands again on another one; an old command that took effect
 * after that would undo a later one. So a new IO queue of the same host waits here until the old
 * commands have ended.
 */
final class HostAssociations {
    private static final class Host {
        int orphans;
        final List<Runnable> waiting = new ArrayList<>();
    }

    private final Map<HostIdentity, Host> hosts = new HashMap<>();
    private int orphans;

    /** A connection of the host has gone and left commands executing. */
    void orphaned(HostIdentity identity, int commands) {
        if (commands > 0) {
            hosts.computeIfAbsent(identity, _ -> new Host()).orphans += commands;
            orphans += commands;
        }
    }

    /** One of them has ended. */
    void ended(HostIdentity identity) {
        Host host = Objects.requireNonNull(hosts.get(identity), "no command was left behind");
        orphans--;
        host.orphans--;
        if (host.orphans == 0) {
            hosts.remove(identity);
            host.waiting.forEach(Runnable::run);
        }
    }

    /**
     * Runs the action when the host has no old command left.
     *
     * @return whether there was none, so that it has run
     */
    boolean whenNone(HostIdentity identity, Runnable action) {
        Host host = hosts.get(identity);
        if (host == null) {
            action.run();
            return true;
        }
        host.waiting.add(action);
        return false;
    }

    /** The action need not run any more. */
    void forget(HostIdentity identity, Runnable action) {
        Host host = hosts.get(identity);
        if (host != null) {
            host.waiting.remove(action);
        }
    }

    int orphans() {
        return orphans;
    }
}
