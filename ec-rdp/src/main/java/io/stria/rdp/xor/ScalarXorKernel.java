package io.stria.rdp.xor;

import static io.stria.rdp.xor.NativeMemory.copy;
import static io.stria.rdp.xor.NativeMemory.get;
import static io.stria.rdp.xor.NativeMemory.provablyValid;
import static io.stria.rdp.xor.NativeMemory.set;
import static io.stria.rdp.xor.XorProgram.UNIT_BYTES;

/** Plain loops over longs, for every machine and JVM. */
public final class ScalarXorKernel implements XorKernel {

    private static final int BLOCK_BYTES = 4096;

    @Override
    public void encode(int dataFragments, long block, long rowParity, long diagonalParity) {
        switch (dataFragments) {
            case 1 -> encode(1, 1, block, rowParity, diagonalParity);
            case 2 -> encode(2, 2, block, rowParity, diagonalParity);
            case 4 -> encode(4, 4, block, rowParity, diagonalParity);
            case 8 -> encode(8, 16, block, rowParity, diagonalParity);
            default -> throw new IllegalArgumentException("dataFragments " + dataFragments);
        }
    }

    private static void encode(int n, int rows, long block, long rowParity, long diagonalParity) {
        int fragmentBytes = BLOCK_BYTES / n;
        int rowBytes = fragmentBytes / rows;
        copy(block, rowParity, fragmentBytes);
        copy(block, diagonalParity, fragmentBytes);
        for (int j = 1; j < n; j++) {
            long fragment = block + j * fragmentBytes;
            xorInto(rowParity, fragment, fragmentBytes);
            // Column j goes down by j diagonals; its row p-1-j is on the missing one, the rest
            // wraps round.
            xorInto(diagonalParity + j * rowBytes, fragment, (rows - j) * rowBytes);
            xorInto(diagonalParity, fragment + (rows - j + 1) * rowBytes, (j - 1) * rowBytes);
        }
        // The row parity is column p-1.
        xorInto(diagonalParity, rowParity + rowBytes, (rows - 1) * rowBytes);
    }

    @Override
    public void run(XorProgram program, long stripe) {
        int[] steps = program.steps;
        for (int k = 0; k < steps.length; k += 3 + steps[k + 2]) {
            for (int x = 0; x < steps[k + 1]; x += UNIT_BYTES) {
                gatherUnit(steps, k, stripe + x);
            }
        }
    }

    private static void gatherUnit(int[] steps, int k, long address) {
        long sum0 = 0;
        long sum1 = 0;
        long sum2 = 0;
        long sum3 = 0;
        int end = k + 3 + steps[k + 2];
        for (int s = k + 3; s < end; s++) {
            long source = provablyValid(address + steps[s]);
            sum0 ^= get(source);
            sum1 ^= get(source + 8);
            sum2 ^= get(source + 16);
            sum3 ^= get(source + 24);
        }
        long target = provablyValid(address + steps[k]);
        set(target, sum0);
        set(target + 8, sum1);
        set(target + 16, sum2);
        set(target + 24, sum3);
    }

    @Override
    public boolean holds(XorProgram program, long stripe) {
        int[] steps = program.steps;
        for (int k = 0; k < steps.length; k += 3 + steps[k + 2]) {
            for (int x = 0; x < steps[k + 1]; x += UNIT_BYTES) {
                if (!holdsUnit(steps, k, stripe + x)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean holdsUnit(int[] steps, int k, long address) {
        long target = provablyValid(address + steps[k]);
        long wrong0 = get(target);
        long wrong1 = get(target + 8);
        long wrong2 = get(target + 16);
        long wrong3 = get(target + 24);
        int end = k + 3 + steps[k + 2];
        for (int s = k + 3; s < end; s++) {
            long source = provablyValid(address + steps[s]);
            wrong0 ^= get(source);
            wrong1 ^= get(source + 8);
            wrong2 ^= get(source + 16);
            wrong3 ^= get(source + 24);
        }
        return (wrong0 | wrong1 | wrong2 | wrong3) == 0;
    }

    private static void xorInto(long target, long source, int length) {
        for (int x = 0; x < length; x += Long.BYTES) {
            set(target + x, get(target + x) ^ get(source + x));
        }
    }
}
