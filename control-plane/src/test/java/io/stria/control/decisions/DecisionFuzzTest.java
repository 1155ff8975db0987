package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Tolerance;
import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.io.IOException;
import java.util.Arrays;

/**
 * Entries of the log, answers and snapshots; byte 0 chooses which. Whatever stands in an entry, the
 * decider answers it, and a refusal changes nothing.
 */
class DecisionFuzzTest extends FuzzTest {
    private static final ClusterState STATE = state();

    private static ClusterState state() {
        Bench bench = Bench.running(5, 2);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.create("b", "1+2", Tolerance.NODE);
        bench.down(4);
        return bench.state;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
            AllocationBound.hold(
                    (4 << 20) + 2000L * bytes.length, () -> decode(input[0] & 3, bytes));
        }
    }

    private static void decode(int kind, byte[] bytes) {
        try {
            switch (kind) {
                case 0, 1 -> decision(bytes);
                case 2 -> {
                    Result result = DecisionCodec.decodeResult(bytes);
                    assertEquals(result, DecisionCodec.decodeResult(written(result)));
                }
                default -> {
                    ClusterState state = DecisionCodec.decodeState(bytes);
                    byte[] again = DecisionCodec.encode(state);
                    assertEquals(state, DecisionCodec.decodeState(again));
                }
            }
        } catch (IOException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
        }
    }

    private static void decision(byte[] bytes) throws IOException {
        Decision decision = DecisionCodec.decodeDecision(bytes);
        Decider.Step step = Decider.apply(STATE, decision);
        Result result = step.result();
        assertNotEquals(Result.Outcome.INTERNAL, result.outcome(), result.detail());
        if (result.outcome() != Result.Outcome.DONE) {
            assertSame(STATE, step.state());
        }
        written(result);
    }

    private static byte[] written(Result result) {
        return DecisionCodec.encode(result);
    }
}
