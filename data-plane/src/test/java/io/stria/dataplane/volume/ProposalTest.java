package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an owner asks for while nobody decides. */
class ProposalTest {
    private final OwnerScenario scenario = new OwnerScenario();

    @Test
    void theSameWishIsTheSameProposalHoweverOftenItIsRepeated() {
        scenario.decides = false;
        scenario.stores.get(3).setUp(false);
        scenario.runFor(10 * OwnerScenario.SECOND_NS);
        assertTrue(scenario.proposals.size() > 10);
        assertEquals(Set.of("3 it does not answer"), Set.copyOf(scenario.proposals));
    }

    @Test
    void withoutALeaseNothingIsProposed() {
        scenario.leased = false;
        scenario.stores.get(3).setUp(false);
        scenario.runFor(10 * OwnerScenario.SECOND_NS);
        assertEquals(List.of(), scenario.proposals);
        scenario.leased = true;
        scenario.runUntil(() -> scenario.behind.containsKey(3));
        assertEquals(List.of("3 behind"), scenario.marks);
    }
}
