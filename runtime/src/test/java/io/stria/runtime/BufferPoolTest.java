package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BufferPoolTest {
    private static final int BUFFER_BYTES = 8192;

    @RegisterExtension final MemoryLeakCheck leaks = new MemoryLeakCheck();

    @Test
    void givesEachBufferOnceAlignedAndThenNone() {
        try (BufferPool pool = pool(5)) {
            Set<Long> addresses = new HashSet<>();
            MemorySegment[] taken = new MemorySegment[5];
            for (int i = 0; i < 5; i++) {
                taken[i] = acquire(pool);
                assertEquals(BUFFER_BYTES, taken[i].byteSize());
                assertEquals(0, taken[i].address() % Memory.ALIGNMENT_BYTES);
                assertTrue(addresses.add(taken[i].address()));
            }
            assertNull(pool.acquire());
            assertEquals(0, pool.available());
            for (MemorySegment buffer : taken) {
                pool.release(buffer);
            }
            assertEquals(5, pool.available());
        }
    }

    @Test
    void handsOutTheBufferThatIsHotFirst() {
        try (BufferPool pool = pool(3)) {
            MemorySegment buffer = acquire(pool);
            pool.release(buffer);
            assertEquals(buffer.address(), acquire(pool).address());
            pool.release(buffer);
        }
    }

    @Test
    void treatsAStrangeOrDoubleReleaseAsABrokenInvariant() {
        try (BufferPool pool = pool(2);
                BufferPool other = pool(2)) {
            MemorySegment buffer = acquire(pool);
            assertThrows(AssertionError.class, () -> other.release(buffer));
            assertThrows(AssertionError.class, () -> pool.release(buffer.asSlice(0, 512)));
            pool.release(buffer);
            assertThrows(AssertionError.class, () -> pool.release(buffer));
        }
    }

    @Test
    void doesNotCloseWhileABufferIsTaken() {
        BufferPool pool = pool(1);
        MemorySegment buffer = acquire(pool);
        assertThrows(AssertionError.class, pool::close);
        pool.release(buffer);
        pool.close();
    }

    @Test
    void refusesSizesThatCannotBeAligned() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new BufferPool(leaks.memory(), "test", 5000, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new BufferPool(leaks.memory(), "test", 4096, 0));
    }

    private BufferPool pool(int count) {
        return new BufferPool(leaks.memory(), "test", BUFFER_BYTES, count);
    }

    private static MemorySegment acquire(BufferPool pool) {
        return Objects.requireNonNull(pool.acquire(), "the pool is empty");
    }
}
