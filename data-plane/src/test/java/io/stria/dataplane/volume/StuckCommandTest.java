package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stores that answer most commands, and some never: no block of a host waits for these. */
class StuckCommandTest {
    private static final long SOON_NS = OwnerScenario.SECOND_NS / 2;

    private final OwnerScenario scenario = new OwnerScenario();

    /** Other blocks are written all the time, and answered. */
    private void keepBusy(int round) {
        if (scenario.begin(IoOp.WRITE, 500 + round % 100, 1, round) != null) {
            scenario.world.after(2_000_000, () -> keepBusy(round + 1));
        }
    }

    private void endsSoon(OwnerScenario.Io io) {
        long untilNs = scenario.world.nowNs() + SOON_NS;
        scenario.runUntil(() -> io.hasEnded() || scenario.world.nowNs() > untilNs);
        assertEquals(IoStatus.OK, io.status);
    }

    @Test
    void aWriteThatOneStoreHangsEndsWithoutIt() {
        scenario.clients
                .get(2)
                .hang(request -> request.op == FragmentOp.WRITE && index(request) == 9);
        keepBusy(0);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 90));
        assertEquals(List.of("2 behind"), scenario.marks);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 91));
        assertEquals(91, scenario.read(9));
        scenario.runFor(3 * OwnerScenario.SECOND_NS);
        assertTrue(scenario.behind.containsKey(2), "attached anew before the old command ended");
        scenario.clients.get(2).release();
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(91, scenario.read(9));
    }

    @Test
    void aReadThatOneStoreHangsIsReconstructed() {
        assertEquals(IoStatus.OK, scenario.write(9, 1, 90));
        scenario.clients
                .get(0)
                .hang(request -> request.op == FragmentOp.READ && index(request) == 9);
        keepBusy(0);
        endsSoon(scenario.begin(IoOp.READ, 9, 1, 0));
        scenario.runFor(SOON_NS); // the read may have gone around it before it was marked
        assertEquals(List.of("0 behind"), scenario.marks);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 92));
        assertEquals(92, scenario.read(9));
    }

    @Test
    void aStoreThatHangsWhileItCatchesUpHoldsNoWrite() {
        scenario.stores.get(3).setUp(false);
        assertEquals(IoStatus.OK, scenario.write(9, 1, 90));
        scenario.clients.get(3).hang(request -> request.op == FragmentOp.REPLACE);
        scenario.stores.get(3).setUp(true);
        scenario.runFor(60_000_000);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 91));
        endsSoon(scenario.begin(IoOp.READ, 9, 1, 0));
        assertTrue(scenario.behind.containsKey(3));
    }

    @Test
    void aTakeOverDoesNotWaitForAListThatHangs() {
        assertEquals(IoStatus.OK, scenario.write(9, 1, 90));
        scenario.startOwner();
        scenario.clients.get(1).hang(request -> request.op == FragmentOp.LIST);
        long untilNs = scenario.world.nowNs() + SOON_NS;
        scenario.runUntil(() -> scenario.owner.isServing() || scenario.world.nowNs() > untilNs);
        assertEquals(90, scenario.read(9));
        assertEquals(List.of("1 behind"), scenario.marks);
    }

    @Test
    void aConnectionThatBreaksAgainAndAgainHoldsNoBlock() {
        scenario.clients.get(1).hang(request -> request.op == FragmentOp.WRITE);
        breakAgain();
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 90));
        assertEquals("1 behind", scenario.marks.getFirst());
    }

    private void breakAgain() {
        scenario.clients.get(1).breakConnection();
        scenario.world.after(40_000_000, this::breakAgain);
    }

    /** Each time for longer than from one tick to the next, and than it forgives silence for. */
    private void standsStillAgainAndAgain() {
        long silentNs = OwnerScenario.CONFIG.silentStoreNs();
        scenario.standStill(silentNs / 2, silentNs);
    }

    @Test
    void anOwnerThatStandsStillAgainAndAgainNoticesASilentStore() {
        standsStillAgainAndAgain();
        scenario.clients.get(2).hang(request -> true);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 90));
        assertEquals(List.of("2 behind"), scenario.marks);
    }

    @Test
    void soItDoesWithAStoreThatHangsOneCommand() {
        standsStillAgainAndAgain();
        scenario.clients
                .get(2)
                .hang(request -> request.op == FragmentOp.WRITE && index(request) == 9);
        keepBusy(0);
        endsSoon(scenario.begin(IoOp.WRITE, 9, 1, 90));
        assertEquals(List.of("2 behind"), scenario.marks);
    }

    @Test
    void andMarksNoneThatAnswers() {
        standsStillAgainAndAgain();
        keepBusy(0);
        scenario.runFor(5 * OwnerScenario.SECOND_NS);
        assertEquals(List.of(), scenario.marks);
    }

    private static long index(io.stria.dataplane.device.FragmentRequest request) {
        return new StripeLayout(
                        OwnerScenario.VUID,
                        new io.stria.clustermap.Scheme(2),
                        OwnerScenario.PAGE_SHIFT)
                .blockOf(request.address);
    }
}
