package io.stria.rdp;

import io.stria.rdp.xor.Gather;
import io.stria.rdp.xor.XorProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down the parity equations that hold among all fragments but one.
 *
 * <p>All of them hold exactly when the stripe is a code word except perhaps in the fragment left
 * out, since each value of the others leaves one value for it.
 */
final class CheckPlans {

    private CheckPlans() {}

    static XorProgram without(RdpArray array, int fragment) {
        List<Gather> checks =
                fragment == array.diagonalParity()
                        ? rows(array)
                        : diagonalsWithout(array, fragment);
        return XorProgram.of(checks);
    }

    private static List<Gather> rows(RdpArray array) {
        List<Gather> checks = new ArrayList<>();
        for (int row = 0; row < array.rows(); row++) {
            checks.add(check(array, array.rowCells(row)));
        }
        return checks;
    }

    /**
     * Each diagonal, with the cell of the column left out replaced by the rest of that cell's row.
     */
    private static List<Gather> diagonalsWithout(RdpArray array, int fragment) {
        List<Gather> checks = new ArrayList<>();
        for (int diagonal = 0; diagonal < array.rows(); diagonal++) {
            List<Integer> cells = array.diagonalCells(diagonal);
            int row = array.rowOnDiagonal(diagonal, fragment);
            if (row < array.rows()) {
                cells.addAll(array.rowCells(row));
                Integer replaced = array.cell(row, fragment);
                cells.removeIf(replaced::equals);
            }
            checks.add(check(array, cells));
        }
        return checks;
    }

    private static Gather check(RdpArray array, List<Integer> cells) {
        return new Gather(cells.getLast(), array.rowBytes(), cells.subList(0, cells.size() - 1));
    }
}
