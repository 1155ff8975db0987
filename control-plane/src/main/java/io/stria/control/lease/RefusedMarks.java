package io.stria.control.lease;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Marks that the map stands against. Owners propose a mark twice a second for as long as they miss
 * the slot, which may be hours; whether it is allowed follows from the map alone. So the answer is
 * remembered, and nobody is asked again before there is another map, or some seconds are over. On
 * the control thread.
 */
final class RefusedMarks {
    /** However little the map changes: the leader may be another one. */
    static final long REPEAT_NS = 5_000_000_000L;

    private record Mark(int vuid, int volumeEpoch, int slot) {
        static Mark of(Decision.MarkBehind decision) {
            return new Mark(decision.vuid(), decision.volumeEpoch(), decision.slot());
        }
    }

    private record Refusal(Result result, long askedNs) {}

    private final Map<Mark, Refusal> refused = new HashMap<>();

    /**
     * @param knownEpoch of this node's newest map
     * @return what the leader would say again
     */
    Optional<Result> answer(Decision.MarkBehind decision, long knownEpoch, long nowNs) {
        refused.values()
                .removeIf(refusal ->
                        knownEpoch > refusal.result.epoch()
                                || nowNs - refusal.askedNs >= REPEAT_NS);
        return Optional.ofNullable(refused.get(Mark.of(decision))).map(Refusal::result);
    }

    /**
     * @param askedNs when it was proposed
     */
    void onResult(Decision.MarkBehind decision, Result result, long askedNs) {
        if (result.outcome() == Result.Outcome.CONFLICT) {
            refused.put(Mark.of(decision), new Refusal(result, askedNs));
        }
    }
}
