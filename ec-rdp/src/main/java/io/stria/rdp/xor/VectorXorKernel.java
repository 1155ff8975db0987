package io.stria.rdp.xor;

import static io.stria.rdp.xor.NativeMemory.provablyValid;
import static jdk.incubator.vector.LongVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The same loops over the CPU's vectors.
 *
 * <p>Loaded only where the module {@code jdk.incubator.vector} is present. Three things here are
 * for the JIT compiler, and each costs a factor of two to twenty without: addresses are {@link
 * NativeMemory#provablyValid} inside the loops; the long methods call the Vector API directly,
 * since in a method of that size the compiler stops inlining small helpers and then boxes vectors;
 * and no helper takes vectors of both widths, since its profile would then name two classes, and
 * both be boxed.
 */
public final class VectorXorKernel implements XorKernel {

    private static final VectorSpecies<Long> WIDE =
            LongVector.SPECIES_PREFERRED.vectorByteSize() > 64
                    ? LongVector.SPECIES_512
                    : LongVector.SPECIES_PREFERRED;
    private static final int WIDE_BYTES = WIDE.vectorByteSize();

    /** At most one row of 8+2. */
    private static final VectorSpecies<Long> NARROW =
            WIDE_BYTES > XorProgram.UNIT_BYTES ? LongVector.SPECIES_256 : WIDE;

    private static final int NARROW_BYTES = NARROW.vectorByteSize();

    private static final MemorySegment MEMORY = NativeMemory.ALL;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    static boolean isWorthwhile() {
        return LongVector.SPECIES_PREFERRED.vectorByteSize() >= 16;
    }

    @Override
    public void encode(int dataFragments, long block, long rowParity, long diagonalParity) {
        switch (dataFragments) {
            case 1 -> encode1(block, rowParity, diagonalParity);
            case 2 -> encode2(block, rowParity, diagonalParity);
            case 4 -> encode4(block, rowParity, diagonalParity);
            case 8 -> encode8(block, rowParity, diagonalParity);
            default -> throw new IllegalArgumentException("dataFragments " + dataFragments);
        }
    }

    /** p = 2, one row: both parities equal the data. */
    private static void encode1(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 4096; x += WIDE_BYTES) {
            long data = provablyValid(block + x);
            long row = provablyValid(rowParity + x);
            long diagonal = provablyValid(diagonalParity + x);
            LongVector a00 = load(data);
            store(a00, row);
            store(a00, diagonal);
        }
    }

    /** p = 3, two rows; names are a(row)(fragment). */
    private static void encode2(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 1024; x += WIDE_BYTES) {
            long data = provablyValid(block + x);
            long row = provablyValid(rowParity + x);
            long diagonal = provablyValid(diagonalParity + x);
            LongVector a00 = load(data);
            LongVector a10 = load(data + 1024);
            LongVector a01 = load(data + 2048);
            LongVector a11 = load(data + 3072);
            LongVector row1 = a10.lanewise(XOR, a11);
            store(a00.lanewise(XOR, a01), row);
            store(row1, row + 1024);
            store(a00.lanewise(XOR, row1), diagonal);
            store(a10.lanewise(XOR, a01), diagonal + 1024);
        }
    }

    /** p = 5, four rows; names are a(row)(fragment). */
    private static void encode4(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 256; x += WIDE_BYTES) {
            long data = provablyValid(block + x);
            long row = provablyValid(rowParity + x);
            long diagonal = provablyValid(diagonalParity + x);
            LongVector a00 = fromMemorySegment(WIDE, MEMORY, data, NATIVE);
            LongVector a10 = fromMemorySegment(WIDE, MEMORY, data + 256, NATIVE);
            LongVector a20 = fromMemorySegment(WIDE, MEMORY, data + 512, NATIVE);
            LongVector a30 = fromMemorySegment(WIDE, MEMORY, data + 768, NATIVE);
            LongVector a01 = fromMemorySegment(WIDE, MEMORY, data + 1024, NATIVE);
            LongVector a11 = fromMemorySegment(WIDE, MEMORY, data + 1280, NATIVE);
            LongVector a21 = fromMemorySegment(WIDE, MEMORY, data + 1536, NATIVE);
            LongVector a31 = fromMemorySegment(WIDE, MEMORY, data + 1792, NATIVE);
            LongVector a02 = fromMemorySegment(WIDE, MEMORY, data + 2048, NATIVE);
            LongVector a12 = fromMemorySegment(WIDE, MEMORY, data + 2304, NATIVE);
            LongVector a22 = fromMemorySegment(WIDE, MEMORY, data + 2560, NATIVE);
            LongVector a32 = fromMemorySegment(WIDE, MEMORY, data + 2816, NATIVE);
            LongVector a03 = fromMemorySegment(WIDE, MEMORY, data + 3072, NATIVE);
            LongVector a13 = fromMemorySegment(WIDE, MEMORY, data + 3328, NATIVE);
            LongVector a23 = fromMemorySegment(WIDE, MEMORY, data + 3584, NATIVE);
            LongVector a33 = fromMemorySegment(WIDE, MEMORY, data + 3840, NATIVE);
            LongVector row1 = a10.lanewise(XOR, a11).lanewise(XOR, a12).lanewise(XOR, a13);
            LongVector row2 = a20.lanewise(XOR, a21).lanewise(XOR, a22).lanewise(XOR, a23);
            LongVector row3 = a30.lanewise(XOR, a31).lanewise(XOR, a32).lanewise(XOR, a33);
            a00.lanewise(XOR, a01)
                    .lanewise(XOR, a02)
                    .lanewise(XOR, a03)
                    .intoMemorySegment(MEMORY, row, NATIVE);
            row1.intoMemorySegment(MEMORY, row + 256, NATIVE);
            row2.intoMemorySegment(MEMORY, row + 512, NATIVE);
            row3.intoMemorySegment(MEMORY, row + 768, NATIVE);
            a00.lanewise(XOR, a32)
                    .lanewise(XOR, a23)
                    .lanewise(XOR, row1)
                    .intoMemorySegment(MEMORY, diagonal, NATIVE);
            a10.lanewise(XOR, a01)
                    .lanewise(XOR, a33)
                    .lanewise(XOR, row2)
                    .intoMemorySegment(MEMORY, diagonal + 256, NATIVE);
            a20.lanewise(XOR, a11)
                    .lanewise(XOR, a02)
                    .lanewise(XOR, row3)
                    .intoMemorySegment(MEMORY, diagonal + 512, NATIVE);
            a30.lanewise(XOR, a21)
                    .lanewise(XOR, a12)
                    .lanewise(XOR, a03)
                    .intoMemorySegment(MEMORY, diagonal + 768, NATIVE);
        }
    }

    /** p = 17, sixteen rows of 32 bytes, from top to bottom. */
    private static void encode8(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 32; x += NARROW_BYTES) {
            encodeLane8(block + x, rowParity + x, diagonalParity + x);
        }
    }

    /**
     * {@code t0} is the sum so far on the diagonal of the row's first cell, {@code t1} to {@code
     * t6} on the six below it.
     */
    private static void encodeLane8(long block, long rowParity, long diagonalParity) {
        LongVector t0 = LongVector.zero(NARROW);
        LongVector t1 = t0;
        LongVector t2 = t0;
        LongVector t3 = t0;
        LongVector t4 = t0;
        LongVector t5 = t0;
        LongVector t6 = t0;
        LongVector above = t0;
        for (int i = 0; i < 512; i += 32) {
            long data = provablyValid(block + i);
            long row = provablyValid(rowParity + i);
            long diagonal = provablyValid(diagonalParity + i);
            LongVector a0 = fromMemorySegment(NARROW, MEMORY, data, NATIVE);
            LongVector a1 = fromMemorySegment(NARROW, MEMORY, data + 512, NATIVE);
            LongVector a2 = fromMemorySegment(NARROW, MEMORY, data + 1024, NATIVE);
            LongVector a3 = fromMemorySegment(NARROW, MEMORY, data + 1536, NATIVE);
            LongVector a4 = fromMemorySegment(NARROW, MEMORY, data + 2048, NATIVE);
            LongVector a5 = fromMemorySegment(NARROW, MEMORY, data + 2560, NATIVE);
            LongVector a6 = fromMemorySegment(NARROW, MEMORY, data + 3072, NATIVE);
            LongVector a7 = fromMemorySegment(NARROW, MEMORY, data + 3584, NATIVE);
            LongVector sum =
                    a0.lanewise(XOR, a1)
                            .lanewise(XOR, a2.lanewise(XOR, a3))
                            .lanewise(XOR, a4.lanewise(XOR, a5))
                            .lanewise(XOR, a6.lanewise(XOR, a7));
            sum.intoMemorySegment(MEMORY, row, NATIVE);
            if (i > 0) {
                above.lanewise(XOR, sum).intoMemorySegment(MEMORY, diagonal - 32, NATIVE);
            }
            above = t0.lanewise(XOR, a0);
            t0 = t1.lanewise(XOR, a1);
            t1 = t2.lanewise(XOR, a2);
            t2 = t3.lanewise(XOR, a3);
            t3 = t4.lanewise(XOR, a4);
            t4 = t5.lanewise(XOR, a5);
            t5 = t6.lanewise(XOR, a6);
            t6 = a7;
        }
        above.intoMemorySegment(MEMORY, diagonalParity + 480, NATIVE);
        // t0 is the missing diagonal, the six below it wrap round to the first six.
        t1.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity, NATIVE);
        t2.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity + 32, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity + 32, NATIVE);
        t3.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity + 64, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity + 64, NATIVE);
        t4.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity + 96, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity + 96, NATIVE);
        t5.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity + 128, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity + 128, NATIVE);
        t6.lanewise(XOR, fromMemorySegment(NARROW, MEMORY, diagonalParity + 160, NATIVE))
                .intoMemorySegment(MEMORY, diagonalParity + 160, NATIVE);
    }

    @Override
    public void run(XorProgram program, long stripe) {
        int[] steps = program.steps;
        for (int k = 0; k < steps.length; k += 3 + steps[k + 2]) {
            int length = steps[k + 1];
            int x = 0;
            for (; x <= length - 4 * WIDE_BYTES; x += 4 * WIDE_BYTES) {
                gatherFour(steps, k, stripe + x);
            }
            for (; x < length; x += NARROW_BYTES) {
                LongVector sum = sumNarrow(steps, k, stripe + x);
                storeNarrow(sum, provablyValid(stripe + x + steps[k]));
            }
        }
    }

    /** Four vectors side by side, since finding a source costs as much as loading from it. */
    private static void gatherFour(int[] steps, int k, long address) {
        LongVector sum0 = LongVector.zero(WIDE);
        LongVector sum1 = sum0;
        LongVector sum2 = sum0;
        LongVector sum3 = sum0;
        int end = k + 3 + steps[k + 2];
        for (int s = k + 3; s < end; s++) {
            long source = provablyValid(address + steps[s]);
            sum0 = sum0.lanewise(XOR, load(source));
            sum1 = sum1.lanewise(XOR, load(source + WIDE_BYTES));
            sum2 = sum2.lanewise(XOR, load(source + 2 * WIDE_BYTES));
            sum3 = sum3.lanewise(XOR, load(source + 3 * WIDE_BYTES));
        }
        long target = provablyValid(address + steps[k]);
        store(sum0, target);
        store(sum1, target + WIDE_BYTES);
        store(sum2, target + 2 * WIDE_BYTES);
        store(sum3, target + 3 * WIDE_BYTES);
    }

    private static LongVector sumNarrow(int[] steps, int k, long address) {
        LongVector sum = LongVector.zero(NARROW);
        int end = k + 3 + steps[k + 2];
        for (int s = k + 3; s < end; s++) {
            sum = sum.lanewise(XOR, loadNarrow(provablyValid(address + steps[s])));
        }
        return sum;
    }

    @Override
    public boolean holds(XorProgram program, long stripe) {
        int[] steps = program.steps;
        for (int k = 0; k < steps.length; k += 3 + steps[k + 2]) {
            if (!holds(steps, k, stripe)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(int[] steps, int k, long stripe) {
        LongVector wrong = LongVector.zero(NARROW);
        for (int x = 0; x < steps[k + 1]; x += NARROW_BYTES) {
            LongVector target = loadNarrow(provablyValid(stripe + x + steps[k]));
            wrong = wrong.or(target.lanewise(XOR, sumNarrow(steps, k, stripe + x)));
        }
        return wrong.reduceLanes(VectorOperators.OR) == 0;
    }

    private static LongVector load(long address) {
        return fromMemorySegment(WIDE, MEMORY, address, NATIVE);
    }

    private static LongVector loadNarrow(long address) {
        return fromMemorySegment(NARROW, MEMORY, address, NATIVE);
    }

    private static void store(LongVector vector, long address) {
        vector.intoMemorySegment(MEMORY, address, NATIVE);
    }

    private static void storeNarrow(LongVector vector, long address) {
        vector.intoMemorySegment(MEMORY, address, NATIVE);
    }
}
