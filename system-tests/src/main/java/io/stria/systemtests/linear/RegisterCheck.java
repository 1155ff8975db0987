package io.stria.systemtests.linear;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether what hosts saw of one block is linearizable. Since no value is written twice, each read
 * names its write, and it is enough to look at the zone of each value (Gibbons and Korach, Testing
 * shared memories, SIAM J. Comput. 26, 1997): from the earliest end to the latest start of all
 * operations with it. Where an end comes first the block has this value throughout the zone
 * (forward), else at some moment of it (backward). A history is linearizable exactly if no read
 * ends before its write starts, no two forward zones overlap, and no backward zone lies within a
 * forward one.
 *
 * <p>A write of unknown outcome that nobody has read is left out: it may never have happened. One
 * that was read ends when the next operation of the same host on this block ends, or never: a
 * command that a host has given up takes no effect after a later one of this host.
 */
final class RegisterCheck {
    private static final long NEVER = Long.MAX_VALUE;

    /** All operations with one value. */
    private static final class Zone {
        final Operation write;
        final long writeEndNs;
        long firstEndNs;
        long lastStartNs;
        boolean isRead;
        @Nullable Operation firstEnding;
        @Nullable Operation lastStarting;

        Zone(Operation write, long writeEndNs) {
            this.write = write;
            this.writeEndNs = writeEndNs;
            firstEndNs = writeEndNs;
            lastStartNs = write.startNs();
        }

        void add(Operation read) {
            isRead = true;
            if (read.endNs() < firstEndNs) {
                firstEndNs = read.endNs();
                firstEnding = read;
            }
            if (read.startNs() > lastStartNs) {
                lastStartNs = read.startNs();
                lastStarting = read;
            }
        }

        boolean isForward() {
            return firstEndNs < lastStartNs;
        }

        long low() {
            return Math.min(firstEndNs, lastStartNs);
        }

        long high() {
            return Math.max(firstEndNs, lastStartNs);
        }

        @Override
        public String toString() {
            return "%s%s%s"
                    .formatted(
                            write.json(),
                            firstEnding == null ? "" : " seen by " + firstEnding.json(),
                            lastStarting == null ? "" : " and by " + lastStarting.json());
        }
    }

    private RegisterCheck() {}

    /**
     * Why it is not; empty if it is linearizable. All operations are of one block, in any order.
     */
    static Optional<String> whyNot(List<Operation> operations) {
        Map<Long, Zone> zones = new HashMap<>();
        Operation never = new Operation(-1, true, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE, true);
        zones.put(0L, new Zone(never, Long.MIN_VALUE));
        for (Operation operation : operations) {
            if (operation.write()
                    && zones.put(
                                    operation.value(),
                                    new Zone(operation, endOf(operation, operations)))
                            != null) {
                throw new IllegalArgumentException("written twice: " + operation.json());
            }
        }
        for (Operation read : operations) {
            if (read.write()) {
                continue;
            }
            Zone zone = zones.get(read.value());
            if (zone == null) {
                return Optional.of("nobody ever wrote what was read: " + read.json());
            }
            if (read.endNs() < zone.write.startNs()) {
                return Optional.of("read before it was written: " + read.json());
            }
            zone.add(read);
        }
        return clash(
                zones.values().stream().filter(zone -> zone.write.known() || zone.isRead).toList());
    }

    private static Optional<String> clash(List<Zone> zones) {
        List<Zone> forward =
                new ArrayList<>(
                        zones.stream()
                                .filter(Zone::isForward)
                                .sorted(Comparator.comparingLong(Zone::low))
                                .toList());
        for (int i = 1; i < forward.size(); i++) {
            Zone before = forward.get(i - 1);
            Zone after = forward.get(i);
            if (after.low() < before.high()) {
                return Optional.of("two values at one time:\n  %s\n  %s".formatted(before, after));
            }
        }
        // They are disjoint: only the last one that begins before a zone can hold it.
        List<Zone> backward =
                zones.stream()
                        .filter(zone -> !zone.isForward())
                        .sorted(Comparator.comparingLong(Zone::low))
                        .toList();
        int next = 0;
        for (Zone zone : backward) {
            while (next < forward.size() && forward.get(next).low() < zone.low()) {
                next++;
            }
            if (next > 0 && zone.high() < forward.get(next - 1).high()) {
                return Optional.of(
                        "a value was there again after another one:\n  %s\n  %s"
                                .formatted(forward.get(next - 1), zone));
            }
        }
        return Optional.empty();
    }

    /** By when a write has taken effect, if it ever does. */
    private static long endOf(Operation write, List<Operation> operations) {
        if (write.known()) {
            return write.endNs();
        }
        long endNs = NEVER;
        for (Operation later : operations) {
            if (later.client() == write.client()
                    && later.known()
                    && later.startNs() >= write.endNs()) {
                endNs = Math.min(endNs, later.endNs());
            }
        }
        return endNs;
    }
}
