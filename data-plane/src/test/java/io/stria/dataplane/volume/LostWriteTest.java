package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.ValueLayout;
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
        return copies(HedgeConfig.DEFAULT);
    }

    private static OwnerScenario copies(HedgeConfig hedges) {
        OwnerScenario world = new OwnerScenario(1, 64);
        world.config = OwnerScenario.CONFIG.with(hedges);
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
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

    @Test
    void theRestOfABlockOfWhichASectorIsWrittenIsNotTakenFromIt() {
        OwnerScenario world = copies();
        writeAgainWithout(world, 0);
        writeLastSector(world, 9);
        assertEquals(2, world.read(0));
    }

    @Test
    void theRestIsTakenFromTwoOthersIfOneOfThemFails() {
        OwnerScenario world = copies(HedgeConfig.OFF);
        writeAgainWithout(world, 0);
        world.clients.get(1).hang(request -> request.op == FragmentOp.READ);
        writeLastSector(world, 9);
        assertEquals(2, world.read(0));
    }

    @Test
    void theRestIsNotTakenFromItAloneWhileAnotherIsSlow() {
        OwnerScenario world = copies(new HedgeConfig(5, 100_000, 20_000_000));
        writeAgainWithout(world, 0);
        long beganNs = world.world.nowNs();
        world.clients.get(1).hang(request -> request.op == FragmentOp.READ);
        writeLastSector(world, 9);
        assertTrue(world.world.nowNs() - beganNs < world.config.silentStoreNs(), "waited for it");
        assertEquals(2, world.read(0));
    }

    /** It answers, and says nothing, not even which version it had. */
    @Test
    void theRestIsNotTakenFromItAloneWhereAnotherHasLostItsHeader() {
        OwnerScenario world = copies(HedgeConfig.OFF);
        writeAgainWithout(world, 0);
        world.stores.get(1).loseHeaders();
        writeLastSector(world, 9);
        assertEquals(2, world.read(0));
    }

    private static void writeLastSector(OwnerScenario world, long value) {
        int before = BlockDevice.BLOCK_BYTES - IoRequest.SECTOR_BYTES;
        OwnerScenario.Io io = new OwnerScenario.Io(1);
        io.buffer.set(ValueLayout.JAVA_LONG, 0, value);
        world.owner.submit(new IoRequest().set(IoOp.WRITE, 0, 1, io.buffer, 0, io).trim(before, 0));
        assertEquals(IoStatus.OK, world.end(io).status);
        OwnerScenario.Io whole = world.end(world.begin(IoOp.READ, 0, 1, 0));
        assertEquals(value, whole.buffer.get(ValueLayout.JAVA_LONG, before));
    }
}
