package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SeedsTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    /** Such as a class that somebody built anew while seeds ran. */
    @Test
    void runsThatDidNotEndKeepNoPromise() {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Seeds seeds =
                new Seeds(
                        1,
                        3,
                        2,
                        seed -> {
                            throw new NoClassDefFoundError("planted by SeedsTest");
                        },
                        out);
        assertEquals(Simulate.BROKEN, seeds.run());
        String said = printed.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("0 of 3 seeds"), said);
        assertFalse(said.contains("every promise kept"), said);
    }
}
