package io.stria.rdp.xor;

/** Plain loops over longs, for every machine and JVM. */
public final class ScalarXorKernel implements XorKernel {

    private static final int BLOCK_BYTES = 4096;

    @Override
    public void encode(int dataFragments, long block, long rowParity, long diagonalParity) {
        switch (dataFragments) {
            case 1 -> encode(1, 2, block, rowParity, diagonalParity);
            case 2 -> encode(2, 3, block, rowParity, diagonalParity);
            case 4 -> encode(4, 5, block, rowParity, diagonalParity);
            case 8 -> encode(8, 17, block, rowParity, diagonalParity);
            default -> throw new IllegalArgumentException("dataFragments " + dataFragments);
        }
    }

    private static void encode(int n, int prime, long block, long rowParity, long diagonalParity) {
        int fragmentBytes = BLOCK_BYTES / n;
        for (int x = 0; x < fragmentBytes; x += Long.BYTES) {
            NativeMemory.set(rowParity + x, xorOfRow(n, fragmentBytes, block + x));
        }
        int rows = prime - 1;
        int rowBytes = fragmentBytes / rows;
        for (int d = 0; d < rows; d++) {
            for (int x = 0; x < rowBytes; x += Long.BYTES) {
                // The row parity stands in column p-1: its row d+1 is on diagonal d.
                long parity =
                        d + 1 < rows ? NativeMemory.get(rowParity + (d + 1) * rowBytes + x) : 0;
                for (int j = 0; j < n; j++) {
                    int row = d >= j ? d - j : d - j + prime;
                    if (row < rows) {
                        parity ^= NativeMemory.get(block + j * fragmentBytes + row * rowBytes + x);
                    }
                }
                NativeMemory.set(diagonalParity + d * rowBytes + x, parity);
            }
        }
    }

    private static long xorOfRow(int n, int fragmentBytes, long address) {
        long parity = NativeMemory.get(address);
        for (int j = 1; j < n; j++) {
            parity ^= NativeMemory.get(address + j * fragmentBytes);
        }
        return parity;
    }

    @Override
    public void run(XorProgram program, long stripe) {
        int[] gathers = program.gathers;
        for (int k = 0; k < gathers.length; k += 3 + gathers[k + 2]) {
            for (int x = 0; x < gathers[k + 1]; x += Long.BYTES) {
                NativeMemory.set(stripe + gathers[k] + x, xorOfSources(gathers, k, stripe + x));
            }
        }
        int[] chains = program.chains;
        for (int k = 0; k < chains.length; k += 2 + chains[k + 1]) {
            for (int x = 0; x < chains[k]; x += Long.BYTES) {
                runChain(chains, k, stripe + x);
            }
        }
    }

    private static long xorOfSources(int[] gathers, int k, long address) {
        long parity = 0;
        int end = k + 3 + gathers[k + 2];
        for (int s = k + 3; s < end; s++) {
            parity ^= NativeMemory.get(address + gathers[s]);
        }
        return parity;
    }

    private static void runChain(int[] chains, int k, long address) {
        long running = 0;
        int end = k + 2 + chains[k + 1];
        for (int c = k + 2; c < end; c++) {
            running ^= NativeMemory.get(address + chains[c]);
            NativeMemory.set(address + chains[c], running);
        }
    }

    @Override
    public boolean holds(XorProgram program, long stripe) {
        int[] gathers = program.gathers;
        for (int k = 0; k < gathers.length; k += 3 + gathers[k + 2]) {
            for (int x = 0; x < gathers[k + 1]; x += Long.BYTES) {
                if (NativeMemory.get(stripe + gathers[k] + x)
                        != xorOfSources(gathers, k, stripe + x)) {
                    return false;
                }
            }
        }
        return true;
    }
}
