package io.stria.rdp;

import java.util.ArrayList;
import java.util.List;

/**
 * The array of the paper for n data fragments and prime p: p-1 rows, and in place of its p-1 data
 * disks the n data fragments; the others are all zero and exist nowhere.
 *
 * <pre>
 * column    0 .. n-1          n .. p-2    p-1           (beside the array)
 * fragment  data j = column   zeros       n row parity  n+1 diagonal parity
 * </pre>
 *
 * The cell in row i and column c lies on diagonal (i + c) mod p. Diagonal p-1 has no parity: it is
 * the missing one. A cell is named by its byte offset in the stripe.
 */
record RdpArray(int dataFragments, int prime) {

    static final int BLOCK_BYTES = 4096;

    /** The smallest p with at least n data disks whose rows divide a fragment evenly. */
    static RdpArray of(int dataFragments) {
        return switch (dataFragments) {
            case 1 -> new RdpArray(1, 2);
            case 2 -> new RdpArray(2, 3);
            case 4 -> new RdpArray(4, 5);
            case 8 -> new RdpArray(8, 17);
            default ->
                    throw new IllegalArgumentException(
                            dataFragments + " data fragments, must be 1, 2, 4 or 8");
        };
    }

    int rowParity() {
        return dataFragments;
    }

    int diagonalParity() {
        return dataFragments + 1;
    }

    int fragments() {
        return dataFragments + 2;
    }

    int rows() {
        return prime - 1;
    }

    int missingDiagonal() {
        return prime - 1;
    }

    int fragmentBytes() {
        return BLOCK_BYTES / dataFragments;
    }

    int rowBytes() {
        return fragmentBytes() / rows();
    }

    int stripeBytes() {
        return fragments() * fragmentBytes();
    }

    /** Column of a data fragment or of the row parity. */
    int column(int fragment) {
        return fragment == rowParity() ? prime - 1 : fragment;
    }

    int cell(int row, int fragment) {
        return fragment * fragmentBytes() + row * rowBytes();
    }

    /**
     * The row in which a diagonal crosses the fragment's column; p-1, which is no row, where it
     * does not.
     */
    int rowOnDiagonal(int diagonal, int fragment) {
        return Math.floorMod(diagonal - column(fragment), prime);
    }

    int diagonalOf(int row, int fragment) {
        return (row + column(fragment)) % prime;
    }

    /** The diagonal that does not cross this column: the one through its row p-1. */
    int diagonalThatAvoids(int fragment) {
        return diagonalOf(prime - 1, fragment);
    }

    /** Data and row parity cells of a row; their xor is zero. */
    List<Integer> rowCells(int row) {
        List<Integer> cells = new ArrayList<>();
        for (int fragment = 0; fragment <= rowParity(); fragment++) {
            cells.add(cell(row, fragment));
        }
        return cells;
    }

    /**
     * Data, row parity and diagonal parity cells of a diagonal other than the missing one; their
     * xor is zero.
     */
    List<Integer> diagonalCells(int diagonal) {
        List<Integer> cells = new ArrayList<>();
        for (int fragment = 0; fragment <= rowParity(); fragment++) {
            int row = rowOnDiagonal(diagonal, fragment);
            if (row < rows()) {
                cells.add(cell(row, fragment));
            }
        }
        cells.add(cell(diagonal, diagonalParity()));
        return cells;
    }
}
