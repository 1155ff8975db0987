package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/** What is wrong is found and mended before anybody reads it. */
class ScrubberTest {
    private final OwnerScenario world = new OwnerScenario();

    private void scrub() {
        long before = world.owner.scrubFigures().passes();
        world.owner.scrubNow();
        world.runUntil(() -> world.owner.scrubFigures().passes() > before);
        world.runFor(OwnerScenario.SECOND_NS); // repairs
    }

    private void writeSome() {
        for (long block = 0; block < 1000; block += 50) {
            assertEquals(IoStatus.OK, world.write(block, 20, block + 1));
        }
    }

    @Test
    void whereAllIsWellNothingIsFound() {
        writeSome();
        scrub();
        assertEquals(400, world.owner.scrubFigures().blocks());
        assertEquals(0, world.owner.scrubFigures().faults());
        assertEquals(0, world.owner.scrubFigures().strays());
    }

    @Test
    void aFragmentThatRotsIsRepairedFromTheRest() {
        writeSome();
        for (int slot = 0; slot < 4; slot += 3) { // a data and a parity fragment
            assertTrue(world.stores.get(slot).rot(OwnerScenario.VUID));
        }
        scrub();
        assertEquals(2, world.owner.scrubFigures().faults());
        scrub();
        assertEquals(2, world.owner.scrubFigures().faults(), "nothing is wrong any more");
        assertEquals(0, world.owner.silentFaults(), "the stores have noticed themselves");
        world.stores.get(1).setUp(false);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        for (long block = 0; block < 1000; block += 50) {
            assertEquals(block + 1, world.read(block));
        }
    }

    @Test
    void aRequestInTheMiddleOfTheDaysRestBeginsOnePassThatRepairs() {
        writeSome();
        long dayNs = 86_400 * OwnerScenario.SECOND_NS;
        world.config = OwnerScenario.scrubbingEvery(dayNs);
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        assertTrue(world.stores.get(1).rot(OwnerScenario.VUID));
        world.runFor(OwnerScenario.SECOND_NS);
        ScrubFigures resting = world.owner.scrubFigures();
        assertFalse(resting.underWay());
        assertEquals(0, resting.passes() + resting.blocks() + resting.endedNs());

        world.owner.scrubNow();
        assertTrue(world.owner.scrubFigures().underWay());
        assertTrue(world.owner.nextDeadlineNs() <= world.world.nowNs(), "nobody waits for the day");
        long[] most = {0};
        world.runUntil(() -> {
            long pages = world.owner.scrubFigures().pagesDone();
            if (pages > most[0]) {
                most[0] = pages;
                world.owner.scrubNow(); // one is under way
            }
            return world.owner.scrubFigures().passes() == 1;
        });
        assertTrue(most[0] > 0 && most[0] < resting.pages(), "" + most[0]);
        world.runFor(OwnerScenario.SECOND_NS);

        ScrubFigures ended = world.owner.scrubFigures();
        assertFalse(ended.underWay());
        assertEquals(1, ended.passes());
        assertEquals(0, ended.pagesDone());
        assertEquals(400, ended.blocks());
        assertEquals(1, ended.faults());
        assertEquals(1, ended.repaired());
        assertTrue(ended.endedNs() > 0 && ended.endedNs() < world.world.nowNs());
        scrub();
        assertEquals(1, world.owner.scrubFigures().repaired(), "nothing is wrong any more");
    }

    @Test
    void aRequestWhileChunksMoveWaitsForTheirEnd() {
        writeSome();
        world.moving(5, 1);
        world.runUntil(() -> world.placing.isMoving());
        world.owner.scrubNow();
        assertTrue(world.owner.scrubFigures().underWay());
        world.runUntil(() -> world.owner.scrubFigures().passes() == 1);
        assertFalse(world.placing.isMoving());
    }

    @Test
    void fragmentsThatAStoreHasLostWithoutKnowingAreWrittenAgain() {
        writeSome();
        world.stores.get(2).forget(OwnerScenario.VUID);
        scrub();
        assertEquals(400, world.owner.scrubFigures().faults());
        assertEquals(400, world.owner.scrubFigures().repaired());
        scrub();
        assertEquals(400, world.owner.scrubFigures().faults());
        assertEquals(400, world.stores.get(2).fragments());
        assertEquals(400, world.owner.silentFaults());
    }

    @Test
    void whatReadsMendIsToldApartAsWell() {
        writeSome();
        assertTrue(world.stores.get(0).rot(OwnerScenario.VUID));
        readAll();
        assertEquals(1, world.owner.readRepairs());
        assertEquals(0, world.owner.silentFaults());
        world.stores.get(1).forget(OwnerScenario.VUID);
        readAll();
        long missing = world.owner.silentFaults();
        assertTrue(missing > 0);
        assertEquals(1 + missing, world.owner.readRepairs());
    }

    private void readAll() {
        for (long block = 0; block < 1000; block += 50) {
            for (int i = 0; i < 20; i++) {
                assertEquals(block + 1, world.read(block + i));
            }
        }
        world.runFor(OwnerScenario.SECOND_NS); // repairs
    }

    @Test
    void parityThatIsWholeAndNotThatOfTheDataIsWrittenAgain() {
        writeSome();
        assertTrue(world.stores.get(3).miscalculate(OwnerScenario.VUID));
        scrub();
        assertEquals(1, world.owner.scrubFigures().faults());
        scrub();
        assertEquals(1, world.owner.scrubFigures().faults());
        assertEquals(1, world.owner.silentFaults());
    }

    @Test
    void chunksThatDoNotBelongWhereTheyAreAreFreed() {
        writeSome();
        world.moving(5, 1);
        world.runUntil(() -> !world.placing.isMoving());
        world.startOwner(); // nobody frees the old places
        world.runUntil(() -> world.owner.isServing());
        assertEquals(800, world.stores.get(2).fragments());
        scrub();
        assertTrue(world.owner.scrubFigures().strays() > 0);
        for (int slot : new int[] {0, 2, 3, 4}) {
            assertEquals(400, world.stores.get(slot).fragments(), "slot " + slot);
        }
        for (long block = 0; block < 1000; block += 50) {
            assertEquals(block + 1, world.read(block));
        }
    }

    @Test
    void whatHostsWriteMeanwhileIsNotTakenForAFault() {
        writeSome();
        long value = 5000;
        for (int round = 0; round < 3; round++) {
            long before = world.owner.scrubFigures().passes();
            world.owner.scrubNow();
            while (world.owner.scrubFigures().passes() == before) {
                long block = value * 11 % 1000;
                IoOp op = value % 4 == 0 ? IoOp.UNMAP : IoOp.WRITE;
                assertEquals(IoStatus.OK, world.end(world.begin(op, block, 1, value)).status);
                value++;
            }
        }
        assertTrue(value > 5100, "" + value);
        assertEquals(0, world.owner.scrubFigures().faults());
    }
}
