package io.stria.perf.coding;

import io.stria.perf.peers.PeerMissingException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Another library's code with two parities, over the same stripes as {@link RdpBenchmark}: n data
 * fragments of 4096 / n bytes one after the other, then two parities.
 */
abstract sealed class PeerCode permits IsaL, Jerasure {
    /** Data fragments that a decode rebuilds. */
    static final int[] LOST = {0, 1};

    final int n;
    final int fragmentBytes;

    PeerCode(int n) {
        if (n < 2) {
            throw new IllegalArgumentException("one fragment is copied, not coded");
        }
        this.n = n;
        this.fragmentBytes = RdpBenchmark.BLOCK_BYTES / n;
    }

    /**
     * @param name {@code isal} or {@code jerasure}
     * @throws PeerMissingException if it is not installed
     */
    static PeerCode of(String name, int n) throws PeerMissingException {
        return switch (name) {
            case "isal" -> new IsaL(n);
            case "jerasure" -> new Jerasure(n);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Writes both parities of the stripe at this offset. */
    abstract void encode(MemorySegment memory, long offset);

    /** Parities that {@link #decode} understands, where a library has two kinds; not timed. */
    void encodeForDecode(MemorySegment memory, long offset) {
        encode(memory, offset);
    }

    /** Rebuilds the fragments {@link #LOST} from all others. */
    abstract void decode(MemorySegment memory, long offset);

    /**
     * Loses what {@link #decode} says that it rebuilds.
     *
     * @throws IllegalStateException if the library does not do what its figures will claim
     */
    final void check(MemorySegment memory, long offset) {
        byte[] before = new byte[RdpBenchmark.BLOCK_BYTES];
        for (int i = 0; i < before.length; i++) {
            before[i] = (byte) (i * 31 + (i >> 8));
        }
        MemorySegment block = memory.asSlice(offset, before.length);
        block.copyFrom(MemorySegment.ofArray(before));
        encodeForDecode(memory, offset);
        for (int lost : LOST) {
            block.asSlice((long) lost * fragmentBytes, fragmentBytes).fill((byte) 0);
        }
        decode(memory, offset);
        if (block.mismatch(MemorySegment.ofArray(before)) >= 0) {
            throw new IllegalStateException("the lost fragments were not rebuilt");
        }
    }

    /** Puts the addresses of fragments into a library's array of pointers, from its index on. */
    final void point(
            MemorySegment pointers, int index, MemorySegment memory, long offset, int fragment) {
        pointers.setAtIndex(
                ValueLayout.JAVA_LONG,
                index,
                memory.address() + offset + (long) fragment * fragmentBytes);
    }
}
