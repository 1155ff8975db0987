package io.stria.rdp;

import io.stria.rdp.xor.XorKernel;
import io.stria.rdp.xor.XorProgram;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Row-diagonal parity over one 4 KiB block: n data fragments and two parities, any two of which can
 * be rebuilt from the others. After Corbett et al., "Row-Diagonal Parity for Double Disk Failure
 * Correction", FAST 2004.
 *
 * <pre>
 * n   p   rows x bytes   fragment
 * 1   2    1 x 4096        4096    (three copies)
 * 2   3    2 x 1024        2048
 * 4   5    4 x  256        1024
 * 8  17   16 x   32         512    (eight of the paper's sixteen data disks are zeros that exist nowhere)
 * </pre>
 *
 * <p>Fragment j is data for j below n, the row parity for j = n, the diagonal parity for j = n + 1.
 * A stripe is all n + 2 fragments one after the other; a block is its data fragments. Offsets are
 * in bytes and need no alignment.
 *
 * <p>Immutable, and usable by any thread; calls allocate nothing. Memory must be native, alive and
 * accessible by the calling thread, and a shared arena must not be closed by another thread during
 * a call. A wrong range is an {@link IndexOutOfBoundsException}, heap memory or a read-only target
 * an {@link IllegalArgumentException}.
 */
public final class RdpCode {

    private static final XorKernel FASTEST = XorKernel.fastest();
    private static final RdpCode ONE = new RdpCode(RdpArray.of(1), FASTEST);
    private static final RdpCode TWO = new RdpCode(RdpArray.of(2), FASTEST);
    private static final RdpCode FOUR = new RdpCode(RdpArray.of(4), FASTEST);
    private static final RdpCode EIGHT = new RdpCode(RdpArray.of(8), FASTEST);

    private final RdpArray array;
    private final XorKernel kernel;
    private final int stripeBytes;

    /** By mask of lost fragments; the unused entries are those of more than two. */
    private final XorProgram[] rebuild;

    private final XorProgram allEquations;
    private final XorProgram[] equationsWithout;

    /** Package private: the tests run every kernel. */
    RdpCode(RdpArray array, XorKernel kernel) {
        this.array = array;
        this.kernel = kernel;
        this.stripeBytes = array.stripeBytes();
        this.rebuild = new XorProgram[1 << array.fragments()];
        for (int mask = 0; mask < rebuild.length; mask++) {
            if (Integer.bitCount(mask) <= ErasurePattern.LOST_MAX) {
                rebuild[mask] = RebuildPlans.of(array, ErasurePattern.ofMask(mask));
            }
        }
        this.allEquations = rebuild[1 << array.rowParity() | 1 << array.diagonalParity()];
        this.equationsWithout = new XorProgram[array.fragments()];
        for (int fragment = 0; fragment < equationsWithout.length; fragment++) {
            equationsWithout[fragment] = CheckPlans.without(array, fragment);
        }
    }

    /** The code with n data fragments: 1, 2, 4 or 8. */
    public static RdpCode of(int dataFragments) {
        return switch (dataFragments) {
            case 1 -> ONE;
            case 2 -> TWO;
            case 4 -> FOUR;
            case 8 -> EIGHT;
            default ->
                    throw new IllegalArgumentException(
                            dataFragments + " data fragments, must be 1, 2, 4 or 8");
        };
    }

    public int dataFragments() {
        return array.dataFragments();
    }

    /** Data and parity: n + 2. */
    public int fragments() {
        return array.fragments();
    }

    public int fragmentBytes() {
        return array.fragmentBytes();
    }

    public int prime() {
        return array.prime();
    }

    /** Rows of one fragment: p - 1. */
    public int rows() {
        return array.rows();
    }

    public int rowBytes() {
        return array.rowBytes();
    }

    /**
     * Writes both parities of a 4 KiB block, {@link #fragmentBytes} each; the three ranges must not
     * overlap.
     */
    public void encode(
            MemorySegment block,
            long blockOffset,
            MemorySegment rowParity,
            long rowOffset,
            MemorySegment diagonalParity,
            long diagonalOffset) {
        int bytes = array.fragmentBytes();
        long data = NativeRange.forRead(block, blockOffset, RdpArray.BLOCK_BYTES);
        long row = NativeRange.forWrite(rowParity, rowOffset, bytes);
        long diagonal = NativeRange.forWrite(diagonalParity, diagonalOffset, bytes);
        assert NativeRange.areDisjoint(data, RdpArray.BLOCK_BYTES, row, bytes);
        assert NativeRange.areDisjoint(data, RdpArray.BLOCK_BYTES, diagonal, bytes);
        assert NativeRange.areDisjoint(row, bytes, diagonal, bytes);
        try {
            kernel.encode(array.dataFragments(), data, row, diagonal);
        } finally {
            Reference.reachabilityFence(block);
            Reference.reachabilityFence(rowParity);
            Reference.reachabilityFence(diagonalParity);
        }
    }

    /** Rebuilds the lost fragments of a stripe in place from the others, which stay as they are. */
    public void decode(MemorySegment stripe, long offset, ErasurePattern erased) {
        if (erased.mask() >= rebuild.length) {
            throw new IllegalArgumentException(erased + " of " + fragments() + " fragments");
        }
        long address = NativeRange.forWrite(stripe, offset, stripeBytes);
        try {
            kernel.run(rebuild[erased.mask()], address);
        } finally {
            Reference.reachabilityFence(stripe);
        }
    }

    /**
     * Whether both parities fit the data. One or two wrong fragments are always seen, whatever is
     * wrong in them; three or more can, against long odds, add up to another consistent stripe.
     */
    public boolean isConsistent(MemorySegment stripe, long offset) {
        long address = NativeRange.forRead(stripe, offset, stripeBytes);
        try {
            return kernel.holds(allEquations, address);
        } finally {
            Reference.reachabilityFence(stripe);
        }
    }

    /**
     * Finds a silently wrong fragment by parity alone, in a stripe of which nothing is known to be
     * lost.
     *
     * <p>Provable: with no wrong fragment the answer is -1. With exactly one, whatever is wrong in
     * it, the answer is that fragment, never an innocent one. -1 is never the answer to one or two
     * wrong fragments. -2 proves that at least two are wrong.
     *
     * <p>Not provable: that only one is wrong. Any two stripes of this code differ in at least
     * three fragments, and some in just three, so two wrong fragments can look exactly like a third
     * one wrong, and three like none. Errors that know nothing of each other do so only by chance.
     * Where checksums tell which fragments are wrong, decode those as lost instead.
     *
     * @return -1 where the stripe is consistent, the index of the one wrong fragment, or -2 where
     *     more are wrong
     */
    public int locateWrong(MemorySegment stripe, long offset) {
        long address = NativeRange.forRead(stripe, offset, stripeBytes);
        try {
            if (kernel.holds(allEquations, address)) {
                return -1;
            }
            for (int fragment = 0; fragment < equationsWithout.length; fragment++) {
                if (kernel.holds(equationsWithout[fragment], address)) {
                    return fragment;
                }
            }
            return -2;
        } finally {
            Reference.reachabilityFence(stripe);
        }
    }

    @Override
    public String toString() {
        return "RDP "
                + dataFragments()
                + "+2 (p = "
                + prime()
                + ", "
                + kernel.getClass().getSimpleName()
                + ")";
    }
}
