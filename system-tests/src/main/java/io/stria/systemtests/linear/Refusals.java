package io.stria.systemtests.linear;

import io.stria.nvme.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The answers that commands of hosts got instead of success, by status. Any thread may add to them.
 *
 * <p>While nodes come and go a host may be told to take another path, or to ask again: that too
 * many devices are away for now. Anything else would reach the application, and is a fault: no
 * medium of such a run is broken, and every command is one that a volume has to execute.
 */
final class Refusals {
    private final SortedMap<Integer, Integer> counts = new TreeMap<>();

    /** Whether there is more to read about it, or when to ask again, does not matter here. */
    synchronized void add(int status) {
        counts.merge(status & (StatusCode.CODE_MASK | StatusCode.DNR), 1, Integer::sum);
    }

    private static boolean isLegitimate(int status) {
        return StatusCode.mayRetry(status)
                && (StatusCode.isPathRelated(status)
                        || StatusCode.code(status) == StatusCode.NAMESPACE_NOT_READY);
    }

    /** A sentence for each status that no host should have seen. */
    synchronized List<String> faults() {
        List<String> faults = new ArrayList<>();
        counts.forEach((status, count) -> {
            if (!isLegitimate(status)) {
                faults.add("status 0x%x answered %d commands".formatted(status, count));
            }
        });
        return faults;
    }

    /** How often each status was answered. */
    @Override
    public synchronized String toString() {
        List<String> parts = new ArrayList<>();
        counts.forEach((status, count) -> parts.add("0x%x %d times".formatted(status, count)));
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }
}
