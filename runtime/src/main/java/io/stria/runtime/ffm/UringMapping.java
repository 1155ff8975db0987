package io.stria.runtime.ffm;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A part of a ring's memory, shared with the kernel. */
@SuppressWarnings("restricted")
record UringMapping(MemorySegment memory) implements AutoCloseable {
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED_POPULATE = 0x1 | 0x8000;

    static UringMapping of(int fd, long bytes, long offset) throws IOException {
        long address = LibC.mmap(bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
        if (address < 0 && address > -Linux.PAGE_BYTES) {
            Linux.close(fd);
            throw Linux.failure("cannot map a ring's memory", address);
        }
        return new UringMapping(MemorySegment.ofAddress(address).reinterpret(bytes));
    }

    @Override
    public void close() {
        Linux.unmap(memory);
    }
}
