package io.stria.rdp.xor;

import java.util.ArrayList;
import java.util.List;

/**
 * Immutable list of gathers over one stripe, in the order in which they are done.
 *
 * <p>Kept as one flat array of offsets, so that a kernel runs it with plain loops and no objects:
 *
 * <pre>
 * target, length, source count, sources...    repeated
 * </pre>
 */
public final class XorProgram {

    /** Every length is a multiple of this: the row of 8+2, the smallest of all schemes. */
    static final int UNIT_BYTES = 32;

    final int[] steps;

    private XorProgram(int[] steps) {
        this.steps = steps;
    }

    /** Neighbouring gathers that continue each other become one longer run. */
    public static XorProgram of(List<Gather> gathers) {
        List<Integer> steps = new ArrayList<>();
        for (Gather gather : joined(gathers)) {
            steps.addAll(List.of(gather.target(), gather.length(), gather.sources().size()));
            steps.addAll(gather.sources());
        }
        return new XorProgram(steps.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<Gather> joined(List<Gather> gathers) {
        List<Gather> runs = new ArrayList<>();
        for (Gather gather : gathers) {
            if (!runs.isEmpty() && runs.getLast().continuesWith(gather)) {
                runs.add(runs.removeLast().joinedWith(gather));
            } else {
                runs.add(gather);
            }
        }
        return runs;
    }
}
