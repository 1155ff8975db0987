package io.stria.rdp;

import io.stria.rdp.xor.Gather;
import io.stria.rdp.xor.XorProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down, once for every pattern of losses, the xor steps that rebuild the lost fragments from
 * the others.
 *
 * <p>Two lost columns are rebuilt as in the paper: a diagonal that avoids one of them has a single
 * lost cell, then that cell's row has a single one, whose diagonal has a single one, and so on
 * until the missing diagonal.
 */
final class RebuildPlans {

    private final RdpArray array;
    private final List<Gather> gathers = new ArrayList<>();

    private RebuildPlans(RdpArray array) {
        this.array = array;
    }

    static XorProgram of(RdpArray array, ErasurePattern lost) {
        RebuildPlans plan = new RebuildPlans(array);
        plan.rebuildColumns(lost);
        if (lost.contains(array.diagonalParity())) {
            plan.rebuildDiagonalParity();
        }
        return XorProgram.of(plan.gathers);
    }

    /** Data and row parity. */
    private void rebuildColumns(ErasurePattern lost) {
        List<Integer> columns = new ArrayList<>();
        for (int fragment = 0; fragment <= array.rowParity(); fragment++) {
            if (lost.contains(fragment)) {
                columns.add(fragment);
            }
        }
        if (columns.size() == 1) {
            rebuildByRows(columns.getFirst());
        } else if (columns.size() == 2) {
            walk(columns.getFirst(), columns.getLast());
            walk(columns.getLast(), columns.getFirst());
        }
    }

    private void rebuildByRows(int fragment) {
        for (int row = 0; row < array.rows(); row++) {
            gather(array.cell(row, fragment), array.rowCells(row));
        }
    }

    private void rebuildDiagonalParity() {
        for (int diagonal = 0; diagonal < array.rows(); diagonal++) {
            gather(array.cell(diagonal, array.diagonalParity()), array.diagonalCells(diagonal));
        }
    }

    /**
     * From the diagonal that avoids one column: each row by its diagonal in the other column, then
     * in this one.
     */
    private void walk(int byDiagonal, int byRow) {
        int diagonal = array.diagonalThatAvoids(byRow);
        while (diagonal != array.missingDiagonal()) {
            int row = array.rowOnDiagonal(diagonal, byDiagonal);
            gather(array.cell(row, byDiagonal), array.diagonalCells(diagonal));
            gather(array.cell(row, byRow), array.rowCells(row));
            diagonal = array.diagonalOf(row, byRow);
        }
    }

    private void gather(int target, List<Integer> equation) {
        List<Integer> sources = new ArrayList<>(equation);
        sources.remove((Integer) target);
        gathers.add(new Gather(target, array.rowBytes(), sources));
    }
}
