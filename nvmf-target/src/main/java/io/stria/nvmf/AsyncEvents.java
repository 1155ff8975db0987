package io.stria.nvmf;

import io.stria.nvme.AsyncEvent;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;

/**
 * The event requests that a host has left with its controller, and the events that it has not heard
 * of. An event that was reported is not reported again until the host has read its log page, which
 * tells all that has happened up to then.
 *
 * <p>An event that the host has not enabled yet is kept until then, or until it reads the log page:
 * Linux reads the ANA log first, connects its IO queues, and enables the event after that, without
 * a second look at the log.
 */
final class AsyncEvents {
    enum Kind {
        NAMESPACE(AsyncEvent.NAMESPACE_CHANGED, AsyncEvent.CONFIG_NAMESPACE, LogPageId.CHANGED_NS),
        ANA(AsyncEvent.ANA_CHANGED, AsyncEvent.CONFIG_ANA, LogPageId.ANA),
        DISCOVERY(AsyncEvent.DISCOVERY_CHANGED, AsyncEvent.CONFIG_DISCOVERY, LogPageId.DISCOVERY);

        private final int result;
        private final int configBit;
        private final int logPage;

        Kind(int result, int configBit, int logPage) {
            this.result = result;
            this.configBit = configBit;
            this.logPage = logPage;
        }
    }

    /** Bits of the event configuration for warnings of SMART, none of which is ever raised. */
    static final int HEALTH_WARNINGS = 0x3F;

    /** AERL + 1. */
    static final int REQUESTS_MAX = 4;

    private final ArrayDeque<Command> requests = new ArrayDeque<>();
    private final Set<Kind> pending = EnumSet.noneOf(Kind.class);
    private final Set<Kind> reported = EnumSet.noneOf(Kind.class);
    private int enabled;

    /** Which events the host wants: bits as in OAES. */
    void configure(int bits) {
        enabled = bits;
        report();
    }

    int configuration() {
        return enabled;
    }

    /** A request to be answered when there is an event. */
    void onRequest(Command command) {
        if (requests.size() == REQUESTS_MAX) {
            command.complete(StatusCode.ASYNC_EVENT_LIMIT_EXCEEDED | StatusCode.DNR);
            return;
        }
        requests.add(command);
        report();
    }

    /** Gives the request back, if there is one with that identifier. */
    boolean abort(int commandId) {
        for (Command request : requests) {
            if (request.commandId == commandId) {
                requests.remove(request);
                request.complete(StatusCode.ABORT_REQUESTED);
                return true;
            }
        }
        return false;
    }

    void raise(Kind kind) {
        pending.add(kind);
        report();
    }

    private boolean isEnabled(Kind kind) {
        return (enabled & kind.configBit) != 0;
    }

    /** The host has read a log page, and not asked to keep the event. */
    void onLogRead(int page) {
        pending.removeIf(kind -> kind.logPage == page && !isEnabled(kind));
        if (reported.removeIf(kind -> kind.logPage == page)) {
            report();
        }
    }

    private void report() {
        for (Kind kind : Kind.values()) {
            if (isEnabled(kind)
                    && pending.contains(kind)
                    && !reported.contains(kind)
                    && !requests.isEmpty()) {
                pending.remove(kind);
                reported.add(kind);
                requests.remove().complete(StatusCode.SUCCESS, kind.result);
            }
        }
    }

    /** The admin queue has gone, or the controller was reset: nobody hears of anything. */
    void clear() {
        requests.forEach(Connection::abandon);
        requests.clear();
        pending.clear();
        reported.clear();
        enabled = 0;
    }
}
