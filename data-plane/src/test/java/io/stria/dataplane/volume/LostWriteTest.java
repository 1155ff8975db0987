package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/**
 * A device has lost a write without telling, so that an older fragment looks whole. Where one
 * fragment is the whole block nothing else contradicts it: then it must not be what others are made
 * equal to.
 */
class LostWriteTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;

    /** Chunk c of page 0 is on slot c. */
    private static OwnerScenario copies() {
        OwnerScenario world = new OwnerScenario(1, 64);
        assertEquals(IoStatus.OK, world.write(0, 1, 1));
        world.runFor(SECOND_NS);
        return world;
    }

    private static void writeAgainWithout(OwnerScenario world, int liar) {
        MemoryStore.Image before = world.stores.get(liar).image();
        assertEquals(IoStatus.OK, world.write(0, 1, 2));
        world.runFor(SECOND_NS);
        world.stores.get(liar).loseWritesSince(before);
    }

    @Test
    void aSlotThatComesBackIsNotMadeEqualToIt() {
        OwnerScenario world = copies();
        world.stores.get(0).setUp(false);
        world.runUntil(() -> world.behind.containsKey(0));
        writeAgainWithout(world, 1);
        world.stores.get(0).setUp(true);
        world.runUntil(world.behind::isEmpty);
        world.runFor(SECOND_NS);
        assertEquals(2, world.read(0));
    }

    @Test
    void itDoesNotMove() {
        OwnerScenario world = copies();
        writeAgainWithout(world, 0);
        world.moveTo(4, 0);
        world.runUntil(() -> !world.placing.isMoving());
        assertEquals(2, world.read(0));
    }
}
