package io.stria.rdp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Row-diagonal parity as the paper writes it down, over the whole array of p-1 data disks, zeros
 * included. Slow, and shares nothing with the code under test.
 *
 * <p>Disks 0 to p-2 hold data, p-1 row parity, p diagonal parity. A disk is p-1 symbols; a lost
 * symbol is null.
 */
final class ReferenceRdp {

    private final int n;
    private final int p;
    private final int rowBytes;

    ReferenceRdp(int n, int p) {
        this.n = n;
        this.p = p;
        this.rowBytes = 4096 / n / (p - 1);
    }

    /** Data fragments to all n+2 fragments. */
    byte[] encode(byte[] block) {
        byte[][][] disks = disksOf(block);
        for (int i = 0; i < p - 1; i++) {
            for (int j = 0; j < p - 1; j++) {
                xorInto(disks[p - 1][i], disks[j][i]);
            }
        }
        for (int i = 0; i < p - 1; i++) {
            for (int j = 0; j < p; j++) {
                int diagonal = (i + j) % p;
                if (diagonal != p - 1) {
                    xorInto(disks[p][diagonal], disks[j][i]);
                }
            }
        }
        return stripeOf(disks);
    }

    /** Solves, again and again, every equation that has one unknown symbol, until there is none. */
    byte[] rebuild(byte[] stripe, int lostMask) {
        byte[][] @Nullable [] disks = disksOf(stripe);
        for (int fragment = 0; fragment < n + 2; fragment++) {
            if ((lostMask >>> fragment & 1) != 0) {
                disks[diskOf(fragment)] = new byte[p - 1][];
            }
        }
        List<int[][]> equations = equations();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (int[][] equation : equations) {
                progress |= solve(disks, equation);
            }
        }
        return stripeOf(disks);
    }

    private static boolean solve(byte[][][] disks, int[][] equation) {
        int[] unknown = null;
        byte[] sum = null;
        for (int[] cell : equation) {
            byte[] symbol = disks[cell[0]][cell[1]];
            if (symbol == null) {
                if (unknown != null) {
                    return false;
                }
                unknown = cell;
            } else if (sum == null) {
                sum = symbol.clone();
            } else {
                xorInto(sum, symbol);
            }
        }
        if (unknown == null || sum == null) {
            return false;
        }
        disks[unknown[0]][unknown[1]] = sum;
        return true;
    }

    /** Each equation as its cells {disk, row}, whose xor is zero. */
    private List<int[][]> equations() {
        List<int[][]> equations = new ArrayList<>();
        for (int i = 0; i < p - 1; i++) {
            List<int[]> row = new ArrayList<>();
            List<int[]> diagonal = new ArrayList<>();
            for (int j = 0; j < p; j++) {
                row.add(new int[] {j, i});
                for (int r = 0; r < p - 1; r++) {
                    if ((r + j) % p == i) {
                        diagonal.add(new int[] {j, r});
                    }
                }
            }
            diagonal.add(new int[] {p, i});
            equations.add(row.toArray(int[][]::new));
            equations.add(diagonal.toArray(int[][]::new));
        }
        return equations;
    }

    private int diskOf(int fragment) {
        return fragment < n ? fragment : fragment - n + p - 1;
    }

    private byte[][][] disksOf(byte[] bytes) {
        byte[][][] disks = new byte[p + 1][p - 1][rowBytes];
        for (int k = 0; k < bytes.length; k++) {
            int fragment = k / (4096 / n);
            int within = k % (4096 / n);
            disks[diskOf(fragment)][within / rowBytes][within % rowBytes] = bytes[k];
        }
        return disks;
    }

    private byte[] stripeOf(byte[][][] disks) {
        int fragmentBytes = 4096 / n;
        byte[] stripe = new byte[(n + 2) * fragmentBytes];
        for (int k = 0; k < stripe.length; k++) {
            int within = k % fragmentBytes;
            byte[][] disk = disks[diskOf(k / fragmentBytes)];
            stripe[k] = disk[within / rowBytes][within % rowBytes];
        }
        return stripe;
    }

    private static void xorInto(byte[] target, byte[] source) {
        for (int k = 0; k < target.length; k++) {
            target[k] ^= source[k];
        }
    }
}
