package io.stria.node;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What became of proposals. Owners repeat a refused mark for as long as the slot is away: of the
 * same mark the same reason is logged once. On the control thread.
 */
final class ProposalLog {
    private static final Logger LOG = Logger.getLogger(ProposalLog.class.getName());

    /** Of volumes and slots that are long gone, too. */
    private static final int REMEMBERED_MAX = 1024;

    private record Mark(int vuid, int slot) {}

    private final Map<Mark, String> refusals = new LinkedHashMap<>();

    void log(Decision decision, Result result) {
        if (decision instanceof Decision.MarkBehind mark && !isNews(mark, result)) {
            return;
        }
        Level level =
                result.accepted()
                        ? Level.INFO
                        : result.outcome() == Result.Outcome.NOT_READY
                                ? Level.FINE // whoever proposed it does so again
                                : Level.WARNING;
        LOG.log(level, "{0}: {1} {2}", new Object[] {decision, result.outcome(), result.detail()});
    }

    private boolean isNews(Decision.MarkBehind mark, Result result) {
        Mark about = new Mark(mark.vuid(), mark.slot());
        if (result.accepted()) {
            refusals.remove(about);
            return true;
        }
        if (result.outcome() == Result.Outcome.NOT_READY) {
            return true;
        }
        String reason = result.outcome() + " " + result.detail();
        if (refusals.size() >= REMEMBERED_MAX && !refusals.containsKey(about)) {
            refusals.clear();
        }
        return !reason.equals(refusals.put(about, reason));
    }
}
