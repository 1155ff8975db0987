package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stores that come back while the map lists them as in sync: design rule 9. */
class ComparisonTest {
    private final OwnerScenario scenario = new OwnerScenario();

    private void comeBack(int slot, MemoryStore.Image as) {
        MemoryStore store = scenario.stores.get(slot);
        store.setUp(false);
        store.rollBack(as);
        store.setUp(true);
    }

    @Test
    void catchesUpAStoreThatComesBackWipedBeforeItIsRead() {
        MemoryStore.Image empty = scenario.stores.get(0).image();
        assertEquals(IoStatus.OK, scenario.write(3, 50, 77));
        scenario.runFor(OwnerScenario.SECOND_NS);
        comeBack(0, empty);
        scenario.runUntil(() -> scenario.marks.size() == 2);
        assertEquals(List.of("0 behind", "0 in sync"), scenario.marks);
        assertSound(3, 50);
        assertEquals(77, scenario.read(3));
    }

    @Test
    void aNewOwnerComparesAStoreThatWasRolledBackWhileNobodyLooked() {
        assertEquals(IoStatus.OK, scenario.write(0, 40, 1));
        scenario.runFor(OwnerScenario.SECOND_NS);
        MemoryStore.Image old = scenario.stores.get(1).image();
        assertEquals(IoStatus.OK, scenario.write(0, 40, 2));
        scenario.runFor(OwnerScenario.SECOND_NS);
        comeBack(1, old);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.marks.size() == 2);
        assertEquals(List.of("1 behind", "1 in sync"), scenario.marks);
        assertSound(0, 40);
        assertEquals(2, scenario.read(39));
    }

    @Test
    void twoWipedStoresNeverMakeAnOlderVersionTheChoice() {
        MemoryStore.Image empty = scenario.stores.get(0).image();
        assertEquals(IoStatus.OK, scenario.write(0, 1, 1));
        assertEquals(IoStatus.OK, scenario.write(0, 1, 2));
        scenario.runFor(OwnerScenario.SECOND_NS);
        comeBack(0, empty);
        comeBack(3, empty);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.marks.size() == 4 && scenario.behind.isEmpty());
        assertEquals(2, scenario.read(0));
        assertSound(0, 1);
    }

    @Test
    void findsNothingAmissAfterAPowerCutOfAll() {
        for (int i = 0; i < 30; i++) {
            assertEquals(IoStatus.OK, scenario.write(i, 4, i));
        }
        assertEquals(IoStatus.OK, scenario.end(scenario.begin(IoOp.UNMAP, 5, 9, 0)).status);
        scenario.stores.forEach(store -> store.setUp(false));
        scenario.stores.forEach(store -> store.setUp(true));
        scenario.startOwner();
        scenario.runUntil(scenario.owner::isServing);
        assertEquals(29, scenario.read(32));
        assertEquals(0, scenario.read(7));
        scenario.stores.forEach(store -> store.setUp(false));
        scenario.stores.forEach(store -> store.setUp(true));
        assertEquals(3, scenario.read(3));
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(List.of(), scenario.marks);
    }

    /** A write hangs, so that stores keep more versions of a block than one answer tells of. */
    @Test
    void aStoreThatLacksTheNewestOfThousandsOfVersionsOfABlockIsFoundOut() {
        int told = AnswerBuffers.BYTES / FragmentFormat.LIST_ENTRY_BYTES;
        scenario.config = patient();
        scenario.startOwner();
        scenario.runUntil(scenario.owner::isServing);
        assertEquals(IoStatus.OK, scenario.write(5, 1, 1));
        scenario.runFor(OwnerScenario.SECOND_NS);
        boolean[] hung = new boolean[1];
        scenario.clients.get(3).hangNext(request -> hung[0] = true);
        scenario.begin(IoOp.WRITE, 999, 1, 1);
        scenario.runUntil(() -> hung[0]);
        int value = 1;
        for (; value < told + 10; value++) {
            assertEquals(IoStatus.OK, scenario.write(5, 1, value));
        }
        MemoryStore.Image old = scenario.stores.get(0).image();
        assertEquals(IoStatus.OK, scenario.write(5, 1, value));
        comeBack(0, old);
        scenario.runUntil(() -> scenario.owner.links().allTrusted());
        assertEquals(List.of("0 behind"), scenario.marks, "it lacks the newest write");
        scenario.clients.get(3).release();
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertSound(5, 1);
        assertEquals(value, scenario.read(5));
        assertEquals(List.of("0 behind", "0 in sync"), scenario.marks);
    }

    /** A store may be silent for as long as one write hangs here. */
    private static OwnerConfig patient() {
        OwnerConfig config = OwnerScenario.CONFIG;
        return new OwnerConfig(
                1_000 * OwnerScenario.SECOND_NS,
                config.hostWaitNs(),
                config.proposalRepeatNs(),
                config.opsMax(),
                config.scrubEveryNs(),
                config.windowPages(),
                config.hedges());
    }

    /** Every store has what it should: nothing was left for a read to repair. */
    private void assertSound(long block, int blocks) {
        StripeLayout layout =
                new StripeLayout(OwnerScenario.VUID, scenario.scheme, OwnerScenario.PAGE_SHIFT);
        for (long b = block; b < block + blocks; b++) {
            for (int slot = 0; slot < 4; slot++) {
                byte[] held =
                        scenario.stores
                                .get(slot)
                                .newest(
                                        layout.address(
                                                layout.page(b), slot, layout.indexInPage(b)));
                assertEquals(2048, held == null ? 0 : held.length, "block " + b + " slot " + slot);
            }
        }
    }

    /** Two slots are behind, and the only one in sync drops for a moment while one catches up. */
    @Test
    void aStoreThatDropsBetweenTwoWindowsOfACatchUpIsAskedForTheNextOneToo() {
        int inFirstWindow = catchUp(Integer.MAX_VALUE);
        assertTrue(inFirstWindow > 100, "pieces: " + inFirstWindow);
        assertEquals(inFirstWindow, catchUp(inFirstWindow));
    }

    /** Drops the store with the given copy; returns how many the first window had. */
    private static int catchUp(int dropsWith) {
        OwnerScenario single = new OwnerScenario(1, 8_000);
        for (long block = 0; block < 8_000; block += 32) {
            assertEquals(IoStatus.OK, single.write(block, 32, 77));
        }
        single.runFor(OwnerScenario.SECOND_NS);
        single.stores.get(0).setUp(false);
        single.stores.get(1).setUp(false);
        single.runUntil(() -> single.behind.size() == 2);
        for (long block = 0; block < 8_000; block += 32) {
            assertEquals(IoStatus.OK, single.write(block, 32, block + 1));
        }
        int[] copies = new int[1];
        int[] inFirstWindow = new int[1];
        single.clients
                .get(0)
                .hang(request -> {
                    if (request.op == FragmentOp.REPLACE && ++copies[0] == dropsWith) {
                        single.clients.get(2).breakConnection();
                    }
                    if (request.op == FragmentOp.LIST && inFirstWindow[0] == 0) {
                        inFirstWindow[0] = copies[0];
                    }
                    return false;
                });
        single.stores.get(0).setUp(true);
        single.runUntil(() -> !single.behind.containsKey(0));
        for (long block = 0; block < 8_000; block += 32) {
            assertEquals(block + 1, single.read(block), "dropped with copy " + dropsWith);
        }
        return inFirstWindow[0];
    }
}
