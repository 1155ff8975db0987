package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that leave out the edges of what they cover: sectors of 512 bytes, eight to a block. */
class PartOfBlockTest {
    private static final int SECTOR = IoRequest.SECTOR_BYTES;
    private static final int PER_BLOCK = BlockDevice.BLOCK_BYTES / SECTOR;

    private final OwnerScenario scenario = new OwnerScenario();

    /** Every sector of the buffer begins with the value, counted up from sector to sector. */
    private OwnerScenario.Io begin(IoOp op, long sector, int sectors, long value) {
        OwnerScenario.Io io = new OwnerScenario.Io(sectors / PER_BLOCK + 1);
        for (int i = 0; i < sectors; i++) {
            io.buffer.set(ValueLayout.JAVA_LONG, (long) i * SECTOR, value + i);
        }
        long block = sector / PER_BLOCK;
        long end = (sector + sectors + PER_BLOCK - 1) / PER_BLOCK;
        scenario.owner.submit(
                new IoRequest()
                        .set(op, block, (int) (end - block), io.buffer, 0, io)
                        .trim(
                                (int) (sector % PER_BLOCK) * SECTOR,
                                (int) (end * PER_BLOCK - sector - sectors) * SECTOR));
        return io;
    }

    private void write(long sector, int sectors, long value) {
        assertEquals(IoStatus.OK, scenario.end(begin(IoOp.WRITE, sector, sectors, value)).status);
    }

    private List<Long> read(long sector, int sectors) {
        OwnerScenario.Io io = scenario.end(begin(IoOp.READ, sector, sectors, -1));
        assertEquals(IoStatus.OK, io.status);
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < sectors; i++) {
            values.add(io.buffer.get(ValueLayout.JAVA_LONG, (long) i * SECTOR));
        }
        return values;
    }

    @Test
    void writesAndReadsWhatLiesAcrossBlocksAndPages() {
        int page = new StripeLayout(1, scenario.scheme, OwnerScenario.PAGE_SHIFT).blocksPerPage();
        long edge = (long) page * PER_BLOCK;
        write(edge - 11, 30, 100);
        List<Long> expected = new ArrayList<>();
        expected.add(0L);
        for (int i = 0; i < 30; i++) {
            expected.add(100L + i);
        }
        expected.add(0L);
        assertEquals(expected, read(edge - 12, 32));
        assertEquals(List.of(105L), read(edge - 6, 1));
    }

    @Test
    void neighboursWrittenAtOnceAreAllThere() {
        List<OwnerScenario.Io> writes = new ArrayList<>();
        for (int i = 0; i < PER_BLOCK; i++) {
            writes.add(begin(IoOp.WRITE, 40 + i, 1, 200 + i));
        }
        writes.forEach(io -> assertEquals(IoStatus.OK, scenario.end(io).status));
        assertEquals(List.of(200L, 201L, 202L, 203L, 204L, 205L, 206L, 207L), read(40, 8));
    }

    @Test
    void aPartThatComesWhileTheWholeBlockIsWrittenGoesOnTopOfIt() {
        OwnerScenario.Io part = begin(IoOp.WRITE, 41, 1, 7);
        OwnerScenario.Io whole = scenario.begin(IoOp.WRITE, 5, 1, 1);
        OwnerScenario.Io last = begin(IoOp.WRITE, 42, 1, 9);
        List.of(part, whole, last)
                .forEach(io -> assertEquals(IoStatus.OK, scenario.end(io).status));
        assertEquals(List.of(1L, 0L, 9L), read(40, 3));
    }

    @Test
    void anUnmapWithoutItsEdgesLeavesThemAsTheyAre() {
        write(0, 32, 300);
        assertEquals(IoStatus.OK, scenario.end(begin(IoOp.UNMAP, 5, 20, 0)).status);
        List<Long> found = read(0, 32);
        for (int i = 0; i < 32; i++) {
            assertEquals(i < 5 || i >= 25 ? 300L + i : 0, found.get(i), "sector " + i);
        }
    }

    @Test
    void aPartIsWrittenWhileTwoStoresAreAway() {
        write(0, 8, 400);
        scenario.stores.get(0).setUp(false);
        scenario.stores.get(2).setUp(false);
        write(3, 1, 9);
        assertEquals(List.of(402L, 9L, 404L), read(2, 3));
    }

    @Test
    void aPartOfABlockThatNobodyCanReadWaitsAndThenFails() {
        write(0, 8, 500);
        scenario.decides = false;
        List.of(0, 1, 2).forEach(slot -> scenario.stores.get(slot).setUp(false));
        OwnerScenario.Io io = scenario.end(begin(IoOp.WRITE, 3, 1, 9));
        assertEquals(IoStatus.UNAVAILABLE, io.status);
        List.of(0, 1, 2).forEach(slot -> scenario.stores.get(slot).setUp(true));
        scenario.decides = true;
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(List.of(502L, 503L, 504L), read(2, 3), "nothing had been sent");
        write(3, 1, 9);
        assertEquals(List.of(502L, 9L, 504L), read(2, 3));
    }

    @Test
    void aWriteThatItsHostGaveUpWhileTheBlockWasReadNeverHappens() {
        write(0, 8, 600);
        scenario.clients.get(0).hang(request -> request.op == FragmentOp.READ);
        OwnerScenario.Io io = begin(IoOp.WRITE, 3, 1, 9);
        scenario.runFor(1_000_000);
        assertFalse(io.hasEnded());
        scenario.leased = false;
        scenario.runUntil(io::hasEnded);
        assertEquals(IoStatus.NOT_SERVING, io.status);
        io.buffer.fill((byte) 0xEE);
        scenario.leased = true;
        scenario.clients.get(0).release();
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(List.of(602L, 603L, 604L), read(2, 3));
    }

    @Test
    void aPartWrittenAnewAfterATakeOverKeepsItsNeighbours() {
        write(0, 8, 700);
        scenario.clients.get(3).hang(request -> request.op == FragmentOp.WRITE);
        OwnerScenario.Io cut = begin(IoOp.WRITE, 3, 1, 9);
        scenario.runFor(5_000_000);
        assertFalse(cut.hasEnded());
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        write(4, 1, 10);
        write(3, 1, 9);
        assertEquals(List.of(702L, 9L, 10L, 705L), read(2, 4));
        assertTrue(scenario.behind.isEmpty());
    }
}
