package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UncollectedTest {
    private static final long PIECE = 1L << 28;
    private static final long GIB = 1L << 30;

    private final Uncollected memory = new Uncollected();

    /**
     * The first collection's ends came while the third round began: the limit had followed what was
     * left in the middle of that, and 4 GiB of garbage stayed for ever.
     */
    @Test
    void asksAgainThoughWhatEndsIsToldLate() {
        assertEquals(1, begin(9));
        assertEquals(1, begin(9));
        end(6);
        assertEquals(1, begin(9));
    }

    /** Whenever collections run and however late their ends are told. */
    @Test
    void leavesNoMoreThanTwiceWhatIsInUse() {
        for (long seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long inUse = random.nextInt(12);
            begin(inUse);
            long garbage = 0; // that no collection has seen
            long toldLate = 0;
            for (int step = 0; step < 200; step++) {
                garbage++;
                if (memory.begin(PIECE)) {
                    toldLate += garbage;
                    garbage = 0;
                }
                long told = random.nextLong(toldLate + 1);
                end(told);
                toldLate -= told;
            }
            end(toldLate);
            garbage = memory.begin(PIECE) ? 0 : garbage + 1;
            String why = "seed " + seed + ": " + garbage + " beside " + inUse;
            assertTrue(garbage <= Math.max(inUse, GIB / PIECE), why);
            if (garbage == 0) {
                end(memory.bytes() / PIECE - inUse);
            }
            end(garbage + inUse);
            assertEquals(0, memory.bytes(), why);
        }
    }

    private int begin(long pieces) {
        int asked = 0;
        for (long i = 0; i < pieces; i++) {
            asked += memory.begin(PIECE) ? 1 : 0;
        }
        return asked;
    }

    private void end(long pieces) {
        memory.end(pieces * PIECE);
    }
}
