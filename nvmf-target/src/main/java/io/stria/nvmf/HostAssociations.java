package io.stria.nvmf;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Commands of connections that have gone, as long as they are still executing. A host that has
 * given up a connection sends its commands again on another one; an old command that took effect
 * after that would undo a later one. So a new IO queue of the same host waits here until the old
 * commands have ended, those that were left before it came: others may be left all the time.
 */
final class HostAssociations {
    /** Of each host that has left some, the oldest first. */
    private final Map<HostIdentity, ArrayDeque<Leftovers>> hosts = new HashMap<>();

    private int orphans;

    /**
     * A connection of the host has gone and left commands executing.
     *
     * @param commands at least one
     */
    Leftovers orphaned(HostIdentity host, int commands) {
        Leftovers left = new Leftovers(commands);
        hosts.computeIfAbsent(host, _ -> new ArrayDeque<>()).add(left);
        orphans += commands;
        return left;
    }

    /** One of those commands has ended. */
    void ended(HostIdentity host, Leftovers of) {
        orphans--;
        of.onEnded();
        ArrayDeque<Leftovers> all = Objects.requireNonNull(hosts.get(host), "left nothing behind");
        while (!all.isEmpty() && all.getFirst().haveEnded()) {
            Leftovers ended = all.removeFirst();
            if (all.isEmpty()) {
                hosts.remove(host);
            }
            ended.runWaiting();
        }
    }

    /** What a Connect that comes now has to wait for; null if nothing. */
    @Nullable Leftovers newest(HostIdentity host) {
        ArrayDeque<Leftovers> all = hosts.get(host);
        return all == null ? null : all.getLast();
    }

    int orphans() {
        return orphans;
    }
}
