package io.stria.rdp.xor;

import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The same loops over the CPU's vectors.
 *
 * <p>Loaded only where the module {@code jdk.incubator.vector} is present.
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
            LongVector data = load(block + x);
            store(data, rowParity + x);
            store(data, diagonalParity + x);
        }
    }

    /** p = 3, two rows; names are a(row)(fragment). */
    private static void encode2(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 1024; x += WIDE_BYTES) {
            LongVector a00 = load(block + x);
            LongVector a10 = load(block + 1024 + x);
            LongVector a01 = load(block + 2048 + x);
            LongVector a11 = load(block + 3072 + x);
            LongVector row1 = xor(a10, a11);
            store(xor(a00, a01), rowParity + x);
            store(row1, rowParity + 1024 + x);
            store(xor(a00, row1), diagonalParity + x);
            store(xor(a10, a01), diagonalParity + 1024 + x);
        }
    }

    /** p = 5, four rows; names are a(row)(fragment). */
    private static void encode4(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 256; x += WIDE_BYTES) {
            LongVector a00 = load(block + x);
            LongVector a10 = load(block + 256 + x);
            LongVector a20 = load(block + 512 + x);
            LongVector a30 = load(block + 768 + x);
            LongVector a01 = load(block + 1024 + x);
            LongVector a11 = load(block + 1280 + x);
            LongVector a21 = load(block + 1536 + x);
            LongVector a31 = load(block + 1792 + x);
            LongVector a02 = load(block + 2048 + x);
            LongVector a12 = load(block + 2304 + x);
            LongVector a22 = load(block + 2560 + x);
            LongVector a32 = load(block + 2816 + x);
            LongVector a03 = load(block + 3072 + x);
            LongVector a13 = load(block + 3328 + x);
            LongVector a23 = load(block + 3584 + x);
            LongVector a33 = load(block + 3840 + x);
            LongVector row1 = xor(xor(a10, a11), xor(a12, a13));
            LongVector row2 = xor(xor(a20, a21), xor(a22, a23));
            LongVector row3 = xor(xor(a30, a31), xor(a32, a33));
            store(xor(xor(a00, a01), xor(a02, a03)), rowParity + x);
            store(row1, rowParity + 256 + x);
            store(row2, rowParity + 512 + x);
            store(row3, rowParity + 768 + x);
            store(xor(xor(a00, a32), xor(a23, row1)), diagonalParity + x);
            store(xor(xor(a10, a01), xor(a33, row2)), diagonalParity + 256 + x);
            store(xor(xor(a20, a11), xor(a02, row3)), diagonalParity + 512 + x);
            store(xor(xor(a30, a21), xor(a12, a03)), diagonalParity + 768 + x);
        }
    }

    /**
     * p = 17, sixteen rows of 32 bytes. Row i of fragment j is at 512 j + 32 i; on diagonal d that
     * is 480 j + 32 d, and 17 rows further where d wraps round.
     */
    private static void encode8(long block, long rowParity, long diagonalParity) {
        for (int x = 0; x < 512; x += WIDE_BYTES) {
            store(xorOf8(block + x, 512), rowParity + x);
        }
        // Diagonals 7 to 14 cross all eight fragments without a wrap, and the row parity.
        for (int x = 7 * 32; x < 15 * 32; x += WIDE_BYTES) {
            store(xor(load(rowParity + 32 + x), xorOf8(block + x, 480)), diagonalParity + x);
        }
        for (int x = 0; x < 32; x += NARROW_BYTES) {
            for (int d = 0; d < 7; d++) {
                LongVector parity = loadNarrow(rowParity + 32 * (d + 1) + x);
                for (int j = 0; j <= d; j++) {
                    parity = xor(parity, loadNarrow(block + 480 * j + 32 * d + x));
                }
                for (int j = d + 2; j < 8; j++) {
                    parity = xor(parity, loadNarrow(block + 480 * j + 32 * (d + 17) + x));
                }
                storeNarrow(parity, diagonalParity + 32 * d + x);
            }
            LongVector parity = loadNarrow(block + 32 * 15 + x);
            for (int j = 1; j < 8; j++) {
                parity = xor(parity, loadNarrow(block + 480 * j + 32 * 15 + x));
            }
            storeNarrow(parity, diagonalParity + 32 * 15 + x);
        }
    }

    private static LongVector xorOf8(long address, long step) {
        return xor(
                xor(
                        xor(load(address), load(address + step)),
                        xor(load(address + 2 * step), load(address + 3 * step))),
                xor(
                        xor(load(address + 4 * step), load(address + 5 * step)),
                        xor(load(address + 6 * step), load(address + 7 * step))));
    }

    @Override
    public void run(XorProgram program, long stripe) {
        runGathers(program.gathers, stripe);
        runChains(program.chains, stripe);
    }

    private static void runGathers(int[] gathers, long stripe) {
        for (int k = 0; k < gathers.length; k += 3 + gathers[k + 2]) {
            long target = stripe + gathers[k];
            int length = gathers[k + 1];
            int x = 0;
            for (; x <= length - WIDE_BYTES; x += WIDE_BYTES) {
                store(gather(gathers, k, stripe + x), target + x);
            }
            for (; x < length; x += NARROW_BYTES) {
                storeNarrow(gatherNarrow(gathers, k, stripe + x), target + x);
            }
        }
    }

    private static void runChains(int[] chains, long stripe) {
        for (int k = 0; k < chains.length; k += 2 + chains[k + 1]) {
            int cellBytes = chains[k];
            int x = 0;
            for (; x <= cellBytes - WIDE_BYTES; x += WIDE_BYTES) {
                runChain(chains, k, stripe + x);
            }
            for (; x < cellBytes; x += NARROW_BYTES) {
                runChainNarrow(chains, k, stripe + x);
            }
        }
    }

    private static void runChain(int[] chains, int k, long address) {
        int end = k + 2 + chains[k + 1];
        LongVector running = load(address + chains[k + 2]);
        for (int c = k + 3; c < end; c++) {
            running = xor(running, load(address + chains[c]));
            store(running, address + chains[c]);
        }
    }

    private static void runChainNarrow(int[] chains, int k, long address) {
        int end = k + 2 + chains[k + 1];
        LongVector running = loadNarrow(address + chains[k + 2]);
        for (int c = k + 3; c < end; c++) {
            running = xor(running, loadNarrow(address + chains[c]));
            storeNarrow(running, address + chains[c]);
        }
    }

    @Override
    public boolean holds(XorProgram program, long stripe) {
        int[] gathers = program.gathers;
        for (int k = 0; k < gathers.length; k += 3 + gathers[k + 2]) {
            if (!holds(gathers, k, stripe)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(int[] gathers, int k, long stripe) {
        long target = stripe + gathers[k];
        int length = gathers[k + 1];
        LongVector wrong = LongVector.zero(WIDE);
        int x = 0;
        for (; x <= length - WIDE_BYTES; x += WIDE_BYTES) {
            wrong = wrong.or(xor(load(target + x), gather(gathers, k, stripe + x)));
        }
        LongVector wrongNarrow = LongVector.zero(NARROW);
        for (; x < length; x += NARROW_BYTES) {
            wrongNarrow =
                    wrongNarrow.or(
                            xor(loadNarrow(target + x), gatherNarrow(gathers, k, stripe + x)));
        }
        return isZero(wrong) && isZero(wrongNarrow);
    }

    private static boolean isZero(LongVector vector) {
        return vector.reduceLanes(VectorOperators.OR) == 0;
    }

    private static LongVector gather(int[] gathers, int k, long address) {
        int end = k + 3 + gathers[k + 2];
        LongVector parity = LongVector.zero(WIDE);
        for (int s = k + 3; s < end; s++) {
            parity = xor(parity, load(address + gathers[s]));
        }
        return parity;
    }

    private static LongVector gatherNarrow(int[] gathers, int k, long address) {
        int end = k + 3 + gathers[k + 2];
        LongVector parity = LongVector.zero(NARROW);
        for (int s = k + 3; s < end; s++) {
            parity = xor(parity, loadNarrow(address + gathers[s]));
        }
        return parity;
    }

    private static LongVector xor(LongVector a, LongVector b) {
        return a.lanewise(VectorOperators.XOR, b);
    }

    private static LongVector load(long address) {
        return LongVector.fromMemorySegment(
                WIDE, NativeMemory.ALL, address, ByteOrder.nativeOrder());
    }

    private static LongVector loadNarrow(long address) {
        return LongVector.fromMemorySegment(
                NARROW, NativeMemory.ALL, address, ByteOrder.nativeOrder());
    }

    private static void store(LongVector vector, long address) {
        vector.intoMemorySegment(NativeMemory.ALL, address, ByteOrder.nativeOrder());
    }

    private static void storeNarrow(LongVector vector, long address) {
        vector.intoMemorySegment(NativeMemory.ALL, address, ByteOrder.nativeOrder());
    }
}
