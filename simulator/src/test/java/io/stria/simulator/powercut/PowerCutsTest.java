package io.stria.simulator.powercut;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever a power cut leaves of device writes, all that was acknowledged is there. More states:
 * {@code ./stria simulate --power-cuts 1000000}.
 */
@Timeout(900)
class PowerCutsTest {
    private static final long STATES = Long.getLong("stria.powercut.states", 10_000);
    private static final long FIRST = Long.getLong("stria.powercut.first", 1);
    private static final int MERGE_PERCENT =
            Integer.getInteger("stria.powercut.merge", PowerCuts.MERGE_PERCENT);

    /** With three, four scripts of all schemes but the widest are played to their ends. */
    private static final int PER_BOUNDARY = Integer.getInteger("stria.powercut.boundary", 3);

    @Test
    void keepsEveryPromiseWhateverAPowerCutLeaves() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int jobs = Runtime.getRuntime().availableProcessors();
        PowerCuts cuts = new PowerCuts(FIRST, STATES, PER_BOUNDARY, MERGE_PERCENT, jobs, out);
        assertTrue(cuts.run(), () -> bytes.toString(StandardCharsets.UTF_8));
        assertTrue(cuts.states() >= STATES, bytes.toString(StandardCharsets.UTF_8));
        assertTrue(cuts.exhausted() > STATES / 400, bytes.toString(StandardCharsets.UTF_8));
        System.out.println(bytes.toString(StandardCharsets.UTF_8).strip());
    }
}
