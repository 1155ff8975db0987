package io.stria.runtime.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.BlockFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedDiskTest {
    private static final int SEEDS = 200;

    private static DiskConfig config(int block) {
        return DiskConfig.flash(DiskBench.SIZE, block);
    }

    @Test
    void readsZerosWhereNothingWasWritten() {
        assertEquals(0, new DiskBench(1, config(512)).read(4096 * 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void readsBackWhatWasWrittenAtEveryAlignment(int block) {
        DiskBench bench = new DiskBench(1, config(block));
        for (int from = 0; from < 17; from++) {
            for (int count = 1; count < 17; count++) {
                int value = 1 + (from * 17 + count) % 100;
                assertEquals(
                        count * block,
                        bench.write((long) from * block, count * block, value, false));
                for (int i = 0; i < 34; i++) {
                    boolean written = i >= from && i < from + count;
                    int seen = bench.read((long) i * block);
                    assertTrue(!written || seen == value, "block " + i + " is " + seen);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void durableWriteSurvivesEveryPowerCut(int block) {
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(block));
            bench.write(block, 4 * block, 1, false);
            bench.write(block, 4 * block, 2, true);
            bench.host.powerCut();
            bench.restart();
            for (int i = 1; i < 5; i++) {
                assertEquals(2, bench.read((long) i * block), "seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void unflushedWriteSurvivesInAnySubsetOfItsDeviceBlocks(int block) {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(block));
            bench.write(0, 3 * block, 1, true);
            bench.write(0, 3 * block, 2, false);
            bench.host.powerCut();
            bench.restart();
            int pattern = 0;
            for (int i = 0; i < 3; i++) {
                int value = bench.read((long) i * block);
                assertTrue(value == 1 || value == 2, "a block of " + value + ", seed " + seed);
                pattern |= (value - 1) << i;
            }
            seen.add(pattern);
        }
        assertEquals(8, seen.size(), "all subsets occur");
    }

    @Test
    void blockWrittenThreeTimesMaySurviveInAnyOfItsStates() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            for (int value = 1; value <= 3; value++) {
                bench.write(0, 512, value, false);
            }
            bench.host.powerCut();
            bench.restart();
            seen.add(bench.read(0));
        }
        assertEquals(Set.of(0, 1, 2, 3), seen);
    }

    @Test
    void flushMakesEveryCompletedWriteDurable() {
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            bench.write(0, 8192, 1, false);
            bench.write(512, 512, 2, false);
            assertEquals(3, bench.disk.unflushedPages() + 1);
            bench.flush();
            assertEquals(0, bench.disk.unflushedPages());
            bench.write(1024, 512, 3, false);
            bench.host.powerCut();
            bench.restart();
            assertEquals(1, bench.read(0));
            assertEquals(2, bench.read(512));
            int later = bench.read(1024);
            assertTrue(later == 1 || later == 3, "seed " + seed + ": " + later);
            assertEquals(1, bench.read(4096));
        }
    }

    @Test
    void flushDoesNotCoverWritesThatWereInFlightWhenItBegan() {
        boolean vanished = false;
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(4096));
            DiskBench.Pending write = bench.submitWrite(0, 4096, 1, false);
            bench.flush();
            bench.await(write);
            bench.disk.powerCut(0);
            vanished |= bench.read(0) == 0;
        }
        assertTrue(vanished);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void durableWriteInFlightSurvivesInPartButNeverTornWithinABlock(int block) {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(block));
            DiskBench.Pending write = bench.submitWrite(0, 2 * block, 1, true);
            bench.host.powerCut();
            bench.restart();
            assertFalse(write.isDone());
            seen.add(bench.read(0) + 2 * bench.read(block));
        }
        assertEquals(Set.of(0, 1, 2, 3), seen);
    }

    @Test
    void killedProcessLosesNothingThatCompleted() {
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            bench.write(0, 4096, 1, false);
            bench.host.kill();
            bench.restart();
            assertEquals(1, bench.read(0));
            assertEquals(1, bench.disk.unflushedPages(), "and it stays unflushed");
        }
    }

    @Test
    void writeInFlightOfAKilledProcessLandsWhollyOrInPartOrNotButNotAfterTheNextOneHasTheLock() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            DiskBench.Pending write = bench.submitWrite(0, 1024, 1, false);
            bench.host.kill();
            bench.restart();
            int atOnce = bench.read(0) + 2 * bench.read(512);
            bench.simulation.runFor(1_000_000_000);
            assertEquals(atOnce, bench.read(0) + 2 * bench.read(512), "seed " + seed);
            assertFalse(write.isDone());
            seen.add(atOnce);
        }
        assertEquals(Set.of(0, 1, 2, 3), seen);
    }

    @Test
    void readsThatOverlapAWriteInFlightSeeAnyBlocksAndNeverUnseeThem() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench =
                    new DiskBench(
                            seed,
                            config(512)
                                    .withLatency(
                                            Latency.fixed(10),
                                            Latency.fixed(1000),
                                            Latency.none()));
            DiskBench.Pending write = bench.submitWrite(0, 1024, 1, false);
            int first = bench.read(0) + 2 * bench.read(512);
            int second = bench.read(0) + 2 * bench.read(512);
            assertFalse(write.isDone());
            assertEquals(first, first & second, "seed " + seed);
            seen.add(first);
            bench.await(write);
            assertEquals(3, bench.read(0) + 2 * bench.read(512));
        }
        assertEquals(Set.of(0, 1, 2, 3), seen);
    }

    @Test
    void completionsOvertakeEachOther() {
        int swapped = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            DiskBench.Pending first = bench.submitWrite(0, 512, 1, false);
            DiskBench.Pending second = bench.submitWrite(512, 512, 1, false);
            bench.engine.runUntil(() -> first.isDone() || second.isDone());
            swapped += second.isDone() ? 1 : 0;
        }
        assertTrue(swapped > 0 && swapped < SEEDS, swapped + " of " + SEEDS);
    }

    @Test
    void powerLossProtectionKeepsEveryCompletedWrite() {
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512).withPowerLossProtection());
            bench.write(0, 4096, 1, false);
            bench.host.powerCut();
            bench.restart();
            assertEquals(1, bench.read(0));
            assertEquals(1, bench.read(3584));
        }
    }

    @Test
    void fullCacheWritesTheOldestOutUnasked() {
        DiskBench bench = new DiskBench(1, config(4096).withCache(2 * 4096));
        for (int i = 0; i < 3; i++) {
            bench.write(i * 4096L, 4096, 1, false);
        }
        bench.disk.powerCut(0);
        assertEquals(1, bench.read(0));
        assertEquals(0, bench.read(4096));
        assertEquals(0, bench.read(8192));
    }

    @Test
    void neverFlushedBlockDoesNotHoardItsPast() {
        DiskBench bench = new DiskBench(1, config(4096));
        for (int i = 0; i < 100; i++) {
            bench.write(0, 4096, i, false);
        }
        bench.disk.powerCut();
        int survivor = bench.read(0);
        assertTrue(survivor >= 100 - 9, "the device has written older ones out: " + survivor);
    }

    @Test
    void diskMovesToAnotherHostWithAllItHolds() {
        DiskBench bench = new DiskBench(1, config(4096));
        bench.write(0, 4096, 1, true);
        bench.host.kill();
        SimulatedHost other = new SimulatedHost(bench.simulation, "other");
        other.plug(DiskBench.PATH, bench.host.unplug(DiskBench.PATH));
        bench.engine = other.start();
        bench.file = bench.open();
        assertEquals(1, bench.read(0));
        assertThrows(IllegalStateException.class, () -> bench.host.disk(DiskBench.PATH));
    }

    @Test
    void forgedBytesAreReadAsTheyAre() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(4096, 512, 1, false);
        byte[] forged = new byte[512];
        Arrays.fill(forged, (byte) 9);
        bench.disk.poke(4096, forged);
        assertEquals(9, bench.read(4096));
        bench.disk.powerCut();
        assertNotEquals(1, bench.read(4096));
    }

    @Test
    void discardedRangeReadsAsZerosOrAsBefore() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            DiskBench bench = new DiskBench(seed, config(512));
            bench.write(0, 8192, 1, true);
            assertEquals(0, bench.discard(512, 512 + 4096));
            assertEquals(1, bench.read(0));
            assertEquals(1, bench.read(5120));
            assertEquals(bench.read(512), bench.read(1024), "a page is discarded whole");
            seen.add(bench.read(512) + 2 * bench.read(4096));
        }
        assertEquals(Set.of(0, 1, 2, 3), seen);
    }

    @Test
    void injectedErrorsHitTheirRangeOnly() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 4096, 1, true);
        bench.disk.faults().failReads(512, 512);
        bench.disk.faults().failWrites(1024, 512);
        assertEquals(1, bench.read(0));
        assertEquals(-Errno.EIO, bench.read(512));
        assertEquals(-Errno.EIO, bench.write(512, 1024, 2, true));
        assertEquals(512, bench.write(512, 512, 2, true));
        bench.disk.faults().clear();
        assertEquals(2, bench.read(512));
    }

    /** As drives do: the sector is given another place, or its old one holds again. */
    @Test
    void aSectorThatCannotBeReadIsReadAgainOnceItIsWritten() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 4096, 1, true);
        bench.disk.faults().failReads(512, 1536);
        assertEquals(512, bench.write(1024, 512, 2, false));
        assertEquals(-Errno.EIO, bench.read(512));
        assertEquals(2, bench.read(1024));
        assertEquals(-Errno.EIO, bench.read(1536));
        bench.disk.faults().clearButUnreadable();
        assertEquals(-Errno.EIO, bench.read(512));
        bench.disk.faults().clear();
        assertEquals(1, bench.read(512));
    }

    @Test
    void failedFlushMakesNothingSafe() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 512, 1, false);
        bench.disk.faults().failNextFlush();
        assertEquals(-Errno.EIO, bench.flush());
        bench.disk.powerCut(0);
        assertEquals(0, bench.read(0));
        assertEquals(0, bench.flush());
    }

    @Test
    void bitRotFlipsOneBitForGood() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 512, 0x0f, false);
        bench.disk.corrupt(100);
        assertEquals(-1, bench.read(0));
        int flipped = bench.disk.peek(100, 1)[0] ^ 0x0f;
        assertEquals(1, Integer.bitCount(flipped & 0xff));
        bench.flush();
        bench.disk.powerCut();
        assertEquals(flipped, bench.disk.peek(100, 1)[0] ^ 0x0f);
        bench.write(0, 512, 1, false);
        assertEquals(1, bench.read(0));
    }

    @Test
    void misdirectedAndLostWritesAreAcknowledged() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.disk.faults().misdirectNextWrite(4096);
        assertEquals(512, bench.write(0, 512, 1, true));
        bench.disk.faults().loseNextWrite();
        assertEquals(512, bench.write(512, 512, 1, true));
        assertEquals(0, bench.read(0));
        assertEquals(0, bench.read(512));
        assertEquals(1, bench.read(4096));
    }

    @Test
    void hungDiskAnswersWhenItIsResumed() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.disk.hang();
        DiskBench.Pending write = bench.submitWrite(0, 512, 1, true);
        bench.simulation.runFor(60_000_000_000L);
        assertFalse(write.isDone());
        bench.disk.resume();
        assertEquals(512, bench.await(write));
    }

    @Test
    void slowDiskIsSlow() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.disk.faults().slowDown(1000);
        long startNs = bench.simulation.nowNs();
        bench.read(0);
        assertTrue(bench.simulation.nowNs() - startNs > 50_000_000);
    }

    @Test
    void snapshotIsAnOlderImageToRollBackTo() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 4096, 1, false);
        DiskImage older = bench.disk.snapshot();
        bench.write(512, 512, 2, true);
        assertEquals(2, bench.read(512));
        bench.disk.restore(older);
        assertEquals(1, bench.read(512));
        bench.disk.powerCut(0);
        assertEquals(1, bench.read(0), "a restored image is safe");
    }

    @Test
    void countsWhatItWasAsked() {
        DiskBench bench = new DiskBench(1, config(512));
        bench.write(0, 512, 1, true);
        DiskCounters before = bench.disk.counters();
        bench.write(0, 1024, 1, false);
        bench.write(0, 512, 1, true);
        bench.flush();
        bench.read(0);
        bench.discard(0, 512);
        assertEquals(
                new DiskCounters(1, 512, 2, 1536, 1, 1, 1), bench.disk.counters().since(before));
    }

    @Test
    void hugeDeviceCostsOnlyWhatWasWritten() {
        DiskBench bench = new DiskBench(1, config(512).withSize(1L << 40));
        bench.write((1L << 40) - 4096, 4096, 1, true);
        bench.write(0, 4096, 1, true);
        assertEquals(8192, bench.disk.usedBytes());
        bench.discard(0, 1L << 40);
        assertTrue(bench.disk.usedBytes() <= 8192);
    }

    @Test
    void changedMemoryInFlightIsAnAssertion() {
        DiskBench bench = new DiskBench(1, config(512));
        MemorySegment memory = DiskBench.filled(512, 1);
        DiskBench.Pending pending = new DiskBench.Pending();
        bench.file.write(0, memory, 0, 512, false, pending, 0);
        memory.fill((byte) 2);
        AssertionError error = assertThrows(AssertionError.class, () -> bench.await(pending));
        assertTrue(error.getSuppressed()[0].toString().contains("seed 1 "), "says the seed");
    }

    @Test
    void misalignedAndOutlyingRequestsAreAssertions() {
        DiskBench bench = new DiskBench(1, config(512));
        assertThrows(AssertionError.class, () -> bench.submitWrite(100, 512, 1, false));
        assertThrows(AssertionError.class, () -> bench.submitWrite(0, 100, 1, false));
        assertThrows(AssertionError.class, () -> bench.submitWrite(DiskBench.SIZE, 512, 1, false));
    }

    @Test
    void observerCanCutThePowerAtExactlyTheNthWrite() {
        DiskBench bench = new DiskBench(1, config(512));
        int[] count = {0};
        bench.disk.observe((kind, _, _) -> {
            if (kind == DiskObserver.Kind.DURABLE_WRITE && ++count[0] == 3) {
                bench.host.powerCut();
            }
        });
        for (int i = 0; i < 2; i++) {
            bench.write(i * 512L, 512, 1, true);
        }
        DiskBench.Pending third = bench.submitWrite(1024, 512, 1, true);
        bench.disk.observe(null);
        bench.simulation.runFor(1_000_000_000);
        assertFalse(third.isDone());
        assertTrue(bench.engine.isDead());
        bench.restart();
        assertEquals(1, bench.read(0));
        assertEquals(1, bench.read(512));
    }

    @Test
    void opensAreRefusedWithAReason() {
        DiskBench bench = new DiskBench(1, config(4096));
        SimulatedEngine other = bench.host.addReactor();
        assertReason("is locked by another process", other, DiskBench.PATH, 0, 4096);
        assertReason("has blocks of 4096 bytes, not 512", other, DiskBench.PATH, 0, 512);
        assertReason("does not exist", other, Path.of("none"), 0, 512);
    }

    private static void assertReason(
            String reason, SimulatedEngine engine, Path path, long createBytes, int block) {
        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                engine.openFile(
                                        path, new BlockFile.Options(createBytes, block, true)));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    @Test
    void lockIsHeldUntilTheLastRequestIsThrough() throws IOException {
        DiskBench bench = new DiskBench(1, config(4096));
        SimulatedEngine other = bench.host.addReactor();
        DiskBench.Pending write = bench.submitWrite(0, 4096, 1, true);
        bench.file.close();
        assertReason("is locked", other, DiskBench.PATH, 0, 4096);
        bench.await(write);
        other.openFile(DiskBench.PATH, new BlockFile.Options(0, 4096, true)).close();
        assertEquals(-Errno.EBADF, bench.write(0, 4096, 1, true));
    }

    @Test
    void createsAMissingFile() throws IOException {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        Path path = Path.of("new");
        BlockFile file = engine.openFile(path, new BlockFile.Options(1 << 30, 512, true));
        assertEquals(1 << 30, file.sizeBytes());
        assertEquals(512, engine.host().disk(path).config().blockBytes());
        assertNotEquals(null, file);
    }
}
