package io.stria.rdp;

import io.stria.rdp.xor.Chain;
import io.stria.rdp.xor.Gather;
import io.stria.rdp.xor.XorProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down, once for every pattern of losses, the xor steps that rebuild the lost fragments from
 * the others.
 *
 * <p>Two lost columns are rebuilt as in the paper: a diagonal that avoids one of them has a single
 * lost cell, that cell's row then has a single one, whose diagonal has a single one, and so on
 * until the missing diagonal. Here all the sums over surviving cells come first, in any order and
 * therefore fast; what remains of the walk is a running xor over the lost cells.
 */
final class RebuildPlans {

    private final RdpArray array;
    private final List<Gather> gathers = new ArrayList<>();
    private final List<Chain> chains = new ArrayList<>();

    private RebuildPlans(RdpArray array) {
        this.array = array;
    }

    static XorProgram of(RdpArray array, ErasurePattern lost) {
        RebuildPlans plan = new RebuildPlans(array);
        plan.rebuildColumns(lost);
        if (lost.contains(array.diagonalParity())) {
            plan.rebuildDiagonalParity();
        }
        return XorProgram.of(plan.gathers, plan.chains);
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
        List<Integer> walked = new ArrayList<>();
        int diagonal = array.diagonalThatAvoids(byRow);
        while (diagonal != array.missingDiagonal()) {
            int row = array.rowOnDiagonal(diagonal, byDiagonal);
            int first = array.cell(row, byDiagonal);
            int second = array.cell(row, byRow);
            List<Integer> onDiagonal = array.diagonalCells(diagonal);
            if (!walked.isEmpty()) {
                onDiagonal.remove(walked.getLast());
            }
            gather(first, onDiagonal);
            List<Integer> inRow = array.rowCells(row);
            inRow.remove((Integer) first);
            gather(second, inRow);
            walked.add(first);
            walked.add(second);
            diagonal = array.diagonalOf(row, byRow);
        }
        if (!walked.isEmpty()) {
            chains.add(new Chain(array.rowBytes(), walked));
        }
    }

    private void gather(int target, List<Integer> equation) {
        List<Integer> sources = new ArrayList<>(equation);
        sources.remove((Integer) target);
        gathers.add(new Gather(target, array.rowBytes(), sources));
    }
}
