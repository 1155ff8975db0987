package io.stria.control.decisions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.control.decisions.Result.Outcome;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Volumes with logical blocks of 512 bytes, in decisions and in states that are kept. */
class LbaSizeTest {
    private static final UUID ID = new UUID(1, 2);

    private final Bench bench = Bench.running(5, 1);

    private static Decision.CreateVolume create(int lbaBytes) {
        return new Decision.CreateVolume(ID, "a", 1 << 20, new Scheme(2), Tolerance.NODE, lbaBytes);
    }

    private static String json(byte[] bytes) {
        return new String(bytes, 1, bytes.length - 1, UTF_8);
    }

    @Test
    void aVolumeKeepsTheSizeItWasMadeWith() throws IOException {
        bench.done(create(512));
        assertEquals(512, bench.volume("a").lbaBytes());
        ClusterState kept = DecisionCodec.decodeState(DecisionCodec.encode(bench.state));
        assertEquals(bench.state, kept);
        bench.down(2);
        bench.start(2);
        assertEquals(512, bench.volume("a").lbaBytes());
    }

    @Test
    void theSameNameWithAnotherSizeIsAConflict() {
        bench.done(create(512));
        Result other = bench.apply(create(4096));
        assertEquals(Outcome.CONFLICT, other.outcome());
        assertTrue(other.detail().contains("logical blocks of 512"), other.detail());
    }

    @Test
    void otherSizesAreRefused() {
        for (int size : new int[] {0, -512, 520, 1024, 8192}) {
            Result refused = bench.apply(create(size));
            assertEquals(Outcome.INVALID, refused.outcome(), "size " + size);
        }
    }

    @Test
    void whatWasDecidedBeforeThereWasAChoiceIsReadAndWrittenAsItWas() throws IOException {
        byte[] old = DecisionCodec.encode(create(4096));
        assertFalse(json(old).contains("lbaBytes"), json(old));
        assertEquals(create(4096), DecisionCodec.decodeDecision(old));
        byte[] small = DecisionCodec.encode(create(512));
        assertTrue(json(small).contains("\"lbaBytes\":512"), json(small));
        assertEquals(create(512), DecisionCodec.decodeDecision(small));
        bench.done(create(4096));
        byte[] state = DecisionCodec.encode(bench.state);
        assertFalse(json(state).contains("lbaBytes"), json(state));
        assertEquals(bench.state, DecisionCodec.decodeState(state));
    }

    @Test
    void volumesThatWereWrittenBeforeTheySaidWhereTheyAreAreOnAllSlots() throws IOException {
        bench.done(create(4096));
        String now = new String(DecisionCodec.encode(bench.state), UTF_8);
        String old =
                now.replaceAll(
                        ",\"placing\":\\{\"from\":\\{[^}]*},\"to\":\\{[^}]*},\"cursor\":0,\"since\":0,\"missed\":\\[]}",
                        "");
        assertTrue(old.length() < now.length() - 80, old);
        assertEquals(bench.state, DecisionCodec.decodeState(old.getBytes(UTF_8)));
    }
}
