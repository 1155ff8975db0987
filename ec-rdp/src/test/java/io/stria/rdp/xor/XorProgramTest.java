package io.stria.rdp.xor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class XorProgramTest {

    @Test
    void joinsGathersThatContinueEachOther() {
        XorProgram program =
                XorProgram.of(
                        List.of(
                                new Gather(512, 32, List.of(0, 1024)),
                                new Gather(544, 32, List.of(32, 1056)),
                                new Gather(576, 32, List.of(64, 1088)),
                                new Gather(608, 32, List.of(96, 2048)),
                                new Gather(640, 32, List.of(128))));
        assertArrayEquals(
                new int[] {512, 96, 2, 0, 1024, 608, 32, 2, 96, 2048, 640, 32, 1, 128},
                program.steps);
    }

    /** The second reads what the first has written, so it must not overtake it. */
    @Test
    void doesNotJoinAcrossADependence() {
        XorProgram program =
                XorProgram.of(
                        List.of(new Gather(64, 32, List.of(32)), new Gather(96, 32, List.of(64))));
        assertArrayEquals(new int[] {64, 32, 1, 32, 96, 32, 1, 64}, program.steps);
    }

    @Test
    void refusesGathersThatReadTheirOwnTarget() {
        for (int source : new int[] {33, 64, 95}) {
            assertThrows(
                    IllegalArgumentException.class, () -> new Gather(64, 32, List.of(512, source)));
        }
    }

    @Test
    void refusesGathersWithoutSourcesAndOddLengths() {
        assertThrows(IllegalArgumentException.class, () -> new Gather(0, 32, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Gather(0, 0, List.of(64)));
        assertThrows(IllegalArgumentException.class, () -> new Gather(0, 16, List.of(64)));
    }
}
