package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private static final List<Integer> VOTERS = List.of(5, 4, 3, 2, 1);

    @Test
    void exactlyOneStandsWhateverEndsAndInWhateverOrderItIsHeard() {
        for (int leader = 1; leader <= 5; leader++) {
            for (int other = 1; other <= 5; other++) {
                int standing = 0;
                for (int self = 1; self <= 5; self++) {
                    if (self != leader && self != other) {
                        Succession succession = new Succession(self);
                        boolean reverse = (self & 1) == 0;
                        boolean early = succession.ended(reverse ? leader : other, leader, VOTERS);
                        boolean late = succession.ended(reverse ? other : leader, leader, VOTERS);
                        standing += early || late ? 1 : 0;
                    }
                }
                assertEquals(1, standing, "ended: " + leader + " that led, and " + other);
            }
        }
    }

    @Test
    void nobodyStandsWhileTheLeaderRuns() {
        Succession succession = new Succession(1);
        assertFalse(succession.ended(3, 2, VOTERS));
        assertFalse(succession.ended(4, 0, VOTERS));
        assertTrue(succession.ended(2, 2, VOTERS));
    }

    @Test
    void aNodeThatIsThereAgainStandsBeforeTheOthers() {
        Succession succession = new Succession(2);
        assertFalse(succession.ended(1, 3, VOTERS));
        succession.heard(1);
        assertFalse(succession.ended(3, 3, VOTERS), "the first voter stands");
    }
}
