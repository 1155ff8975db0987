package io.stria.rdp.xor;

import java.util.List;

/**
 * A running xor: every cell is replaced by the xor of itself and all cells before it in the list.
 * Cells are byte offsets in a stripe, each of {@code cellBytes}.
 */
public record Chain(int cellBytes, List<Integer> cells) {

    public Chain {
        cells = List.copyOf(cells);
        if (cellBytes <= 0 || cellBytes % XorProgram.UNIT_BYTES != 0) {
            throw new IllegalArgumentException("cellBytes " + cellBytes);
        }
        if (cells.isEmpty()) {
            throw new IllegalArgumentException("a chain without cells");
        }
    }
}
