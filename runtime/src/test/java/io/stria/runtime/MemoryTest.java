package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MemoryTest {
    @RegisterExtension final MemoryLeakCheck leaks = new MemoryLeakCheck();

    private final Memory memory = leaks.memory();

    @Test
    void tellsByTagWhatWasNotGivenBack() {
        MemorySegment first = memory.allocate("journal", 4096);
        MemorySegment second = memory.allocate("journal", 100);
        MemorySegment third = memory.allocate("index", 8192);
        assertEquals(Map.of("journal", 4196L, "index", 8192L), memory.outstandingBytes());
        memory.free(second);
        memory.free(third);
        assertEquals(Map.of("journal", 4096L), memory.outstandingBytes());
        memory.free(first);
        assertEquals(Map.of(), memory.outstandingBytes());
    }

    @Test
    void givesZeroedAlignedMemory() {
        MemorySegment segment = memory.allocate("test", 10_000);
        assertEquals(0, segment.address() % Memory.ALIGNMENT_BYTES);
        for (long i = 0; i < segment.byteSize(); i++) {
            assertEquals(0, segment.get(ValueLayout.JAVA_BYTE, i));
        }
        memory.free(segment);
    }

    @Test
    void memoryOfAnArenaIsZeroedAlignedAndGoesWithTheArena() {
        for (long bytes : new long[] {1, 4096, (2L << 20) - 1, 2L << 20, (8L << 20) + 4096}) {
            MemorySegment segment;
            try (Arena arena = Arena.ofConfined()) {
                segment = Memory.within(arena, bytes);
                assertEquals(bytes, segment.byteSize());
                assertEquals(0, segment.address() % (bytes < 2 << 20 ? 4096 : 2 << 20));
                assertEquals(-1, segment.mismatch(arena.allocate(bytes)));
                segment.fill((byte) 7);
            }
            assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void failsATestThatLeaksAndNamesTheTag() {
        MemoryLeakCheck other = new MemoryLeakCheck();
        MemorySegment leaked = other.memory().allocate("journal", 512);
        AssertionError failure = assertThrows(AssertionError.class, other::check);
        assertTrue(String.valueOf(failure.getMessage()).contains("journal=512"), failure::toString);
        other.memory().free(leaked);
        other.check();
    }

    @Test
    void treatsASecondFreeAsABrokenInvariant() {
        MemorySegment segment = memory.allocate("test", 4096);
        memory.free(segment);
        assertThrows(AssertionError.class, () -> memory.free(segment));
    }

    /** A hundred operations with room for 32 blocks each once took all that a node may have. */
    @Test
    void memoryUntilCollectedIsNotTheJvmsDirectMemory() {
        BufferPoolMXBean direct =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .findFirst()
                        .orElseThrow();
        long before = direct.getMemoryUsed();
        MemorySegment segment = Memory.untilCollected(1L << 30);
        segment.set(ValueLayout.JAVA_LONG, (1L << 30) - Long.BYTES, 7);
        assertEquals(7, segment.get(ValueLayout.JAVA_LONG, (1L << 30) - Long.BYTES));
        assertEquals(0, segment.get(ValueLayout.JAVA_LONG, 0));
        // A few bytes may be others': only not what has been made here.
        assertTrue(direct.getMemoryUsed() - before < 1L << 29);
    }

    /** Otherwise what owners leave behind would only grow, however little of it is in use. */
    @Test
    void memoryThatNobodyRefersToGoesAgainAndAgain() throws InterruptedException {
        for (int round = 0; round < 6; round++) {
            long made = 0;
            while (made <= 2L << 30) {
                made += Memory.untilCollected(1 << 28).byteSize();
            }
            long deadlineNs = System.nanoTime() + 60_000_000_000L;
            while (Memory.bytesUntilCollected() > 3L << 30) {
                assertTrue(System.nanoTime() < deadlineNs, "round " + round);
                Thread.sleep(10);
            }
        }
    }

    @Test
    void refusesToAllocateNothing() {
        assertThrows(IllegalArgumentException.class, () -> memory.allocate("test", 0));
    }
}
