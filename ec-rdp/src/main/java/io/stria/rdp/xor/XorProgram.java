package io.stria.rdp.xor;

import java.util.ArrayList;
import java.util.List;

/**
 * Immutable list of xor steps over one stripe: first the gathers in order, then the chains.
 *
 * <p>Kept as flat arrays of offsets, so that a kernel runs it with one loop and no objects:
 *
 * <pre>
 * gathers  target, length, source count, sources...    repeated
 * chains   cell bytes, cell count, cells...            repeated
 * </pre>
 */
public final class XorProgram {

    /** Every length is a multiple of this: the row of 8+2, the smallest of all schemes. */
    static final int UNIT_BYTES = 32;

    final int[] gathers;
    final int[] chains;

    private XorProgram(int[] gathers, int[] chains) {
        this.gathers = gathers;
        this.chains = chains;
    }

    /** Neighbouring gathers that continue each other become one longer run. */
    public static XorProgram of(List<Gather> gathers, List<Chain> chains) {
        return new XorProgram(flatGathers(joined(gathers)), flatChains(chains));
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

    private static int[] flatGathers(List<Gather> gathers) {
        List<Integer> flat = new ArrayList<>();
        for (Gather gather : gathers) {
            flat.addAll(List.of(gather.target(), gather.length(), gather.sources().size()));
            flat.addAll(gather.sources());
        }
        return toArray(flat);
    }

    private static int[] flatChains(List<Chain> chains) {
        List<Integer> flat = new ArrayList<>();
        for (Chain chain : chains) {
            flat.addAll(List.of(chain.cellBytes(), chain.cells().size()));
            flat.addAll(chain.cells());
        }
        return toArray(flat);
    }

    private static int[] toArray(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
