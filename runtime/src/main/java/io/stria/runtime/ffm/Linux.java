package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * What a reactor asks of the kernel besides IO: CPUs, memory, a clock and a bell. Any thread may
 * call it.
 */
@SuppressWarnings("restricted")
public final class Linux {
    public static final int PAGE_BYTES = 4096;

    /** A large page. */
    public static final long LARGE_PAGE_BYTES = 2L << 20;

    private static final int CPU_MASK_BYTES = 8192;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final int EFD_CLOEXEC = 0x80000;

    private static final MemorySegment ONE = one();

    private Linux() {}

    /** Keeps the calling thread on one CPU. */
    public static void pinCurrentThread(int cpu) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(CPU_MASK_BYTES, Long.BYTES);
            mask.set(JAVA_BYTE, cpu >>> 3, (byte) (1 << (cpu & 7)));
            int result = LibC.schedSetaffinity(0, CPU_MASK_BYTES, mask);
            if (result < 0) {
                throw failure("cannot pin a thread to CPU " + cpu, result);
            }
        }
    }

    /** Lets the calling thread run on these CPUs and no others. */
    public static void keepCurrentThreadOn(BitSet cpus) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(CPU_MASK_BYTES, Long.BYTES);
            mask.copyFrom(MemorySegment.ofArray(cpus.toByteArray()));
            int result = LibC.schedSetaffinity(0, CPU_MASK_BYTES, mask);
            if (result < 0) {
                throw failure("cannot keep a thread on the CPUs " + cpus, result);
            }
        }
    }

    /** The CPUs that the calling thread may run on. */
    public static BitSet currentThreadCpus() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(CPU_MASK_BYTES, Long.BYTES);
            int result = LibC.schedGetaffinity(0, CPU_MASK_BYTES, mask);
            if (result < 0) {
                throw failure("cannot tell the CPUs of this thread", result);
            }
            return BitSet.valueOf(mask.toArray(JAVA_BYTE));
        }
    }

    /**
     * Maps zeroed memory, page-aligned, which takes room only where it is touched. It lives until
     * {@link #unmap}; a segment kept longer must not be used.
     */
    public static MemorySegment map(long bytes) {
        long address = LibC.mmap(bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (address < 0 && address > -PAGE_BYTES) {
            throw new OutOfMemoryError(
                    "cannot map " + bytes + " bytes: " + Errno.describe((int) -address));
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /**
     * As {@link #map}, until nothing refers to the memory any more.
     *
     * @param gone told then, from any thread; must not refer to the memory
     */
    public static MemorySegment mapUntilCollected(long bytes, Runnable gone) {
        long address = map(bytes).address();
        return MemorySegment.ofAddress(address)
                .reinterpret(
                        bytes,
                        Arena.ofAuto(),
                        unused -> {
                            LibC.munmap(address, bytes);
                            gone.run();
                        });
    }

    /**
     * As {@link #map}, until the arena closes; aligned to a large page, and asks for large pages.
     */
    public static MemorySegment mapLarge(Arena arena, long bytes) {
        long mappedBytes = bytes + LARGE_PAGE_BYTES;
        long address = map(mappedBytes).address();
        long aligned = (address + LARGE_PAGE_BYTES - 1) & -LARGE_PAGE_BYTES;
        MemorySegment segment =
                MemorySegment.ofAddress(aligned)
                        .reinterpret(bytes, arena, unused -> LibC.munmap(address, mappedBytes));
        preferLargePages(segment);
        return segment;
    }

    /** Gives back what {@link #map} returned. */
    public static void unmap(MemorySegment mapped) {
        int result = LibC.munmap(mapped.address(), mapped.byteSize());
        assert result == 0 : "munmap: " + Errno.describe(-result);
    }

    /** Makes it zeros, and gives the room of whole pages back. */
    public static void clear(MemorySegment mapped) {
        long from = mapped.address();
        long end = from + mapped.byteSize();
        long firstPage = (from + PAGE_BYTES - 1) & -PAGE_BYTES;
        long lastPage = end & -PAGE_BYTES;
        boolean given =
                firstPage < lastPage
                        && LibC.madvise(firstPage, lastPage - firstPage, MADV_DONTNEED) == 0;
        if (given) {
            mapped.asSlice(0, firstPage - from).fill((byte) 0);
            mapped.asSlice(lastPage - from).fill((byte) 0);
        } else {
            mapped.fill((byte) 0);
        }
    }

    /** Asks for small pages: for memory of which mostly the beginning is touched. */
    public static void preferSmallPages(MemorySegment mapped) {
        LibC.madvise(mapped.address(), mapped.byteSize(), MADV_NOHUGEPAGE);
    }

    /**
     * Asks for large pages: for memory that is touched here and there, whose addresses would
     * otherwise be looked up one by one.
     */
    public static void preferLargePages(MemorySegment mapped) {
        LibC.madvise(mapped.address(), mapped.byteSize(), MADV_HUGEPAGE);
    }

    /**
     * A descriptor on which one thread can wait for another's {@link #ring}. It is a blocking one,
     * since io_uring does not wait on others.
     */
    public static int openBell() throws IOException {
        int fd = LibC.eventfd(0, EFD_CLOEXEC);
        if (fd < 0) {
            throw failure("cannot make an eventfd", fd);
        }
        return fd;
    }

    /** Wakes whoever reads the bell; 8 bytes are then there to be read. */
    public static void ring(int bell) {
        LibC.write(bell, ONE, Long.BYTES);
    }

    /** Closes any descriptor of this package. */
    public static void close(int fd) {
        LibC.close(fd);
    }

    /** An exception whose sentence ends in the kernel's reason; {@code result} is -errno. */
    static IOException failure(String what, long result) {
        return new IOException(what + ": " + Errno.describe((int) -result));
    }

    private static MemorySegment one() {
        MemorySegment segment = Arena.global().allocate(JAVA_LONG);
        segment.set(JAVA_LONG, 0, 1L);
        return segment;
    }
}
