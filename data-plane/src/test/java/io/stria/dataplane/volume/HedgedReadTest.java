package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Reads of a 2+2 volume whose stores are not all equally fast. */
class HedgedReadTest {
    private static final long US = 1_000;
    private static final long POLL_NS = 50 * US;
    private static final int BLOCKS = 64;
    private static final HedgeConfig HEDGES = new HedgeConfig(5, 100 * US, 20_000 * US);

    private final OwnerScenario scenario = new OwnerScenario();

    HedgedReadTest() {
        begin(HEDGES);
    }

    private void begin(HedgeConfig hedges) {
        scenario.config = OwnerScenario.CONFIG.with(hedges);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        scenario.clients.forEach(client -> client.takes(fast()));
        for (int block = 0; block < BLOCKS; block++) {
            assertEquals(IoStatus.OK, scenario.write(block, 1, 100 + block));
        }
    }

    /** A command, or an answer: some 200 us for both together, 400 us in the worst case. */
    private LongSupplier fast() {
        return () -> 60 * US + scenario.world.random.nextInt((int) (140 * US));
    }

    private LongSupplier slower(int times) {
        LongSupplier fast = fast();
        return () -> times * fast.getAsLong();
    }

    private long tookNs(long block) {
        long beganNs = scenario.world.nowNs();
        assertEquals(100 + block, scenario.read(block));
        return scenario.world.nowNs() - beganNs;
    }

    private List<Long> read(int times) {
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            took.add(tookNs(i % BLOCKS));
        }
        Collections.sort(took);
        return took;
    }

    private static FragmentRequest[] hangNextRead(MemoryStore.Client client) {
        FragmentRequest[] late = new FragmentRequest[1];
        client.hang(request -> {
            boolean hangs = request.op == FragmentOp.READ && late[0] == null;
            late[0] = hangs ? request : late[0];
            return hangs;
        });
        return late;
    }

    private HedgeFigures figures() {
        return scenario.owner.hedgeFigures();
    }

    @Test
    void oneStoreThatIsTenTimesSlowerDelaysNoReadByMoreThanTheHedge() {
        read(1000);
        long delayNs = figures().delayNs();
        assertTrue(delayNs >= 300 * US && delayNs <= 500 * US, "learned " + delayNs + " ns");
        long hedgedBefore = figures().hedged();
        scenario.clients.get(0).takes(slower(10));
        List<Long> took = read(2000);
        // The delay, what a fast read takes at most, and twice the time between two polls.
        long mostNs = delayNs + 500 * US + 2 * POLL_NS;
        assertTrue(took.getLast() <= mostNs, took.getLast() + " ns, at most " + mostNs);
        assertTrue(took.get(1940) < 500 * US, "p97 " + took.get(1940));
        assertTrue(figures().detours() > 1800, figures()::toString);
        long hedged = figures().hedged() - hedgedBefore;
        assertTrue(hedged >= 8 && hedged <= 2000 / 20, figures()::toString);
        assertEquals(List.of(), scenario.marks);
    }

    @Test
    void withoutHedgesEveryReadWaitsForTheSlowStore() {
        begin(HedgeConfig.OFF);
        scenario.clients.get(0).takes(slower(10));
        assertTrue(read(100).getFirst() >= 1200 * US);
        assertEquals(HedgeFigures.NONE, figures());
    }

    @Test
    void aStoreThatIsFastAgainIsReadAgain() {
        read(1000);
        scenario.clients.get(0).takes(slower(10));
        read(500);
        assertTrue(scenario.owner.links().get(0).readTimes().isSlow());
        scenario.clients.get(0).takes(fast());
        read(64 * 50);
        assertFalse(scenario.owner.links().get(0).readTimes().isSlow());
        long before = figures().detours();
        read(500);
        assertEquals(before, figures().detours());
    }

    @Test
    void aStoreThatHangsKeepsNoReadAndGetsHardlyAny() {
        read(1000);
        List<FragmentRequest> hanging = new ArrayList<>();
        scenario.clients
                .get(1)
                .hang(request -> request.op == FragmentOp.READ && hanging.add(request));
        List<Long> took = read(60); // soon it counts as silent, and is behind
        assertTrue(took.getLast() <= 1_500 * US, "took " + took.getLast());
        assertTrue(hanging.size() <= 9, hanging.size() + " reads hang");
        scenario.runUntil(() -> !scenario.marks.isEmpty());
        assertEquals("1 behind", scenario.marks.getFirst());
        scenario.clients.get(1).release();
        scenario.runUntil(() -> scenario.behind.isEmpty());
        read(200);
    }

    /** Nobody wants what it reads any more, but its block is locked until it has an answer. */
    @Test
    void aReadThatWasGivenUpIsHedgedToo() {
        read(1000);
        FragmentRequest[] late = hangNextRead(scenario.clients.get(0));
        OwnerScenario.Io io = new OwnerScenario.Io(1);
        IoRequest request = new IoRequest();
        long block = -1;
        while (late[0] == null) {
            block++;
            io = new OwnerScenario.Io(1);
            request = new IoRequest().set(IoOp.READ, block, 1, io.buffer, 0, io);
            scenario.owner.submit(request);
            OwnerScenario.Io asked = io;
            scenario.runUntil(() -> asked.status != null || late[0] != null);
        }
        request.giveUp();
        scenario.end(io);
        assertEquals(IoStatus.ABORTED, io.status);
        long beganNs = scenario.world.nowNs();
        assertEquals(IoStatus.OK, scenario.write(block, 1, 7));
        long tookNs = scenario.world.nowNs() - beganNs;
        assertTrue(tookNs <= 5_000 * US, "took " + tookNs);
        assertEquals(List.of(), scenario.marks);
    }

    /** All are slow at once, since there is too much to do. */
    @Test
    void storesThatAreAllLateGetNoTwiceAsManyReads() {
        read(1000);
        long hedgedBefore = figures().hedged();
        scenario.clients.forEach(client -> client.takes(slower(8)));
        int reads = 200; // fewer than it takes to get used to it
        read(reads);
        long hedged = figures().hedged() - hedgedBefore;
        assertTrue(hedged <= 32 + reads / 20, "%d of %d reads hedged".formatted(hedged, reads));
    }

    @Test
    void aStoreThatAnswersLateTouchesNoMemoryOfTheHost() {
        read(1000);
        scenario.clients.get(0).hang(request -> request.op == FragmentOp.READ);
        OwnerScenario.Io io = scenario.end(scenario.begin(IoOp.READ, 3, 1, 0));
        assertEquals(103, io.value(0));
        io.buffer.fill((byte) 0x55);
        scenario.clients.get(0).release();
        scenario.runFor(5_000 * US);
        for (long at = 0; at < io.buffer.byteSize(); at++) {
            assertEquals(0x55, io.buffer.get(ValueLayout.JAVA_BYTE, at));
        }
    }

    /** What others acknowledged while a late store still had the command of an earlier read. */
    @Test
    void aWriteDoesNotWaitForAReadThatWasGivenUp() {
        read(1000);
        FragmentRequest[] late = hangNextRead(scenario.clients.get(0));
        assertEquals(105, scenario.read(5));
        assertEquals(IoStatus.OK, scenario.write(5, 1, 999));
        assertEquals(999, scenario.read(5));
        scenario.clients.get(0).answer(late[0]);
        scenario.runFor(5_000 * US);
        assertEquals(999, scenario.read(5));
    }

    /** Two of the four have lost the block: they are not n that agree on anything. */
    @Test
    void thatABlockWasNeverWrittenIsNotBelievedFromThoseThatAreFast() {
        read(1000);
        scenario.stores.get(0).lie();
        scenario.stores.get(2).lie();
        FragmentRequest[] late = hangNextRead(scenario.clients.get(1));
        OwnerScenario.Io io = scenario.begin(IoOp.READ, 7, 1, 0);
        scenario.runFor(10_000 * US);
        assertFalse(io.hasEnded(), "two stores that have nothing were believed");
        scenario.clients.get(1).answer(late[0]);
        assertEquals(107, scenario.end(io).value(0));
    }

    /** Slots behind are in no vote, hedged or not. */
    @Test
    void aSlotThatIsBehindIsNotAskedInPlaceOfALateOne() {
        read(1000);
        scenario.decidesInSync = false;
        scenario.stores.get(2).setUp(false);
        assertEquals(IoStatus.OK, scenario.write(9, 1, 777));
        scenario.stores.get(2).setUp(true);
        scenario.runFor(40_000 * US);
        assertTrue(scenario.behind.containsKey(2));
        scenario.clients.get(0).takes(slower(10));
        for (int i = 0; i < 50; i++) {
            assertEquals(777, scenario.read(9));
        }
    }
}
