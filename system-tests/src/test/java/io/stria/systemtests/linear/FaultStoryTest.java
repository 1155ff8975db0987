package io.stria.systemtests.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who was served, and who led, while a fault lasted. */
class FaultStoryTest {
    private static final long MS = 1_000_000;
    private static final Instant BEGIN = Instant.parse("2026-11-23T12:00:10.000Z");
    private static final String LED_BEFORE =
            "2026-11-23T12:00:01.500Z node 2: INFO ControlPlane: node 5 leads, term 3";

    private final History history = new History();

    private void ended(long startMs, long endMs, boolean known) {
        history.add(new Operation(0, true, 0, endMs, startMs * MS, endMs * MS, known));
    }

    private List<String> story(String... lines) {
        return new FaultStory(Fault.DEAFEN_OWNER, 10_000 * MS, 16_000 * MS, BEGIN, List.of(lines))
                .tell(history);
    }

    @Test
    void theTimeInWhichNobodyWasServedIsToldThoughNoOperationTookLong() {
        ended(9_990, 9_995, true);
        ended(10_400, 10_410, true);
        history.waited(new Span(10_410 * MS, 15_600 * MS));
        ended(15_600, 15_610, true);
        ended(15_990, 15_995, true);
        assertEquals(
                "DEAFEN_OWNER: healthy again; the longest operation took 10 ms, a host's longest"
                        + " wait for a path 5190 ms; nobody was served for 5200 ms, from +0.410 s"
                        + " on",
                story().getFirst());
    }

    @Test
    void anOperationOfUnknownOutcomeServesNobody() {
        ended(9_000, 9_900, true);
        ended(10_000, 12_000, false);
        ended(12_000, 13_000, true);
        assertEquals(
                new Span(9_900 * MS, 13_000 * MS), history.longestIdle(10_000 * MS, 14_000 * MS));
    }

    @Test
    void nobodyIsServedUntilTheEndWhereNothingEnds() {
        assertEquals(new Span(10 * MS, 30 * MS), history.longestIdle(10 * MS, 30 * MS));
        ended(1, 5, true);
        ended(7, 31, true);
        assertEquals(new Span(5 * MS, 30 * MS), history.longestIdle(10 * MS, 30 * MS));
    }

    @Test
    void aLeaderThatStaysIsTold() {
        assertEquals(
                "DEAFEN_OWNER: node 5 in term 3 led before and after", story(LED_BEFORE).get(1));
    }

    @Test
    void aChangeOfTheLeadershipIsToldWithItsElection() {
        String stands =
                " node 4: INFO FollowerState: n4@group-1-FollowerState: change to CANDIDATE,"
                        + " lastRpcElapsedTime:1201ms, electionTimeout:1100ms";
        String leads = " node 4: INFO ControlPlane: node 4 leads, term 4";
        List<String> story =
                story(
                        "2026-11-23T12:00:01.100Z" + stands,
                        LED_BEFORE,
                        "2026-11-23T12:00:11.250Z" + stands,
                        "2026-11-23T12:00:11.300Z node 4: INFO ControlPlane: map epoch 4, applied 4",
                        "2026-11-23T12:00:11.700Z" + leads,
                        "2026-11-23T12:00:11.800Z node 1: INFO ControlPlane: node 4 leads, term 4");
        assertEquals("DEAFEN_OWNER: node 5 in term 3 led before", story.get(1));
        assertEquals("DEAFEN_OWNER: then node 4 in term 4, from +1.700 s on", story.get(2));
        assertEquals("  +1.250 s" + stands, story.get(3));
        assertEquals("  +1.700 s" + leads, story.get(4));
        assertTrue(story.getLast().startsWith("  +1.800 s node 1:"), story::toString);
        assertEquals(6, story.size(), story::toString);
    }
}
