package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PageAllocatorTest {
    private static final int PAGES_OF_8_TIB = 1 << 26;
    private static final int PAGES = 1000;

    /** A node has a heap that does not grow with its devices. */
    @Test
    void takesNoHeapForPages() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined()) {
            long before = threads.getCurrentThreadAllocatedBytes();
            PageAllocator allocator = new PageAllocator(arena, PAGES_OF_8_TIB);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(bytes < 1 << 20, bytes + " bytes on the heap");
            assertEquals(PAGES_OF_8_TIB, allocator.available());
        }
    }

    /** Beside a plain model: no page has two owners, and each one comes back after quarantine. */
    @Test
    void givesOutEachPageOnceUntilItIsThroughQuarantine() {
        SplittableRandom random = new SplittableRandom(1);
        try (Arena arena = Arena.ofConfined()) {
            PageAllocator allocator = new PageAllocator(arena, PAGES);
            allocator.restore(PAGES / 2);
            allocator.blankBelow(PAGES);
            Set<Integer> taken = new HashSet<>();
            Set<Integer> givenBack = new HashSet<>();
            for (long sequence = 1; sequence <= 20_000; sequence++) {
                if (random.nextInt(100) < 55) {
                    int page = allocator.take();
                    assertEquals(
                            taken.size() + givenBack.size() == PAGES, page == PageAllocator.NONE);
                    if (page != PageAllocator.NONE) {
                        assertTrue(taken.add(page), "given out twice: " + page);
                        assertTrue(!givenBack.contains(page), "in quarantine: " + page);
                    }
                } else if (!taken.isEmpty()) {
                    int page = taken.iterator().next();
                    taken.remove(page);
                    givenBack.add(page);
                    allocator.giveBack(page);
                }
                if (random.nextInt(50) == 0) {
                    allocator.release(sequence + 1, sequence);
                    allocator.release(sequence + 1, sequence);
                    assertNotEquals(0, allocator.waitsFor());
                    givenBack.clear();
                }
                assertEquals(taken.size(), allocator.used());
                assertEquals(givenBack.size(), allocator.quarantined());
                assertEquals(PAGES - taken.size() - givenBack.size(), allocator.available());
            }
        }
    }
}
