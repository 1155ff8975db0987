package io.stria.runtime.spdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who is registered with a namespace, and who holds its reservation: NVMe's Reservation Status,
 * extended, little endian.
 *
 * <pre>
 *      0  generation     4 bytes
 *      4  type           0 none, 1 write exclusive
 *      5  registrants    2 bytes
 *      7  -
 *     64  registrants, of 64 bytes each
 *          +0  controller    2 bytes
 *          +2  bit 0: holds the reservation
 *          +8  key           8 bytes
 *         +16  host         16 bytes
 *         +32  -
 * </pre>
 *
 * @param type of the reservation
 * @param registrants all of them
 */
record ReservationReport(int type, List<Registrant> registrants) {
    /** A host. */
    record Registrant(long key, boolean holds) {}

    /** Room for more registrants than targets are known to take. */
    static final int BYTES = 4096;

    private static final int WRITE_EXCLUSIVE = 1;
    private static final int ENTRY_BYTES = 64;
    private static final int REGISTRANTS_MAX = BYTES / ENTRY_BYTES - 1;
    private static final long TYPE = 4;
    private static final long COUNT = 5;
    private static final long HOLDS = 2;
    private static final long KEY = 8;

    ReservationReport {
        registrants = List.copyOf(registrants);
    }

    /**
     * @return empty if it does not hold all registrants
     */
    static Optional<ReservationReport> decode(MemorySegment report) {
        int count = Short.toUnsignedInt(report.get(JAVA_SHORT_UNALIGNED, COUNT));
        if (count > REGISTRANTS_MAX) {
            return Optional.empty();
        }
        List<Registrant> registrants = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (i + 1L) * ENTRY_BYTES;
            registrants.add(
                    new Registrant(
                            report.get(JAVA_LONG_UNALIGNED, at + KEY),
                            (report.get(JAVA_BYTE, at + HOLDS) & 1) != 0));
        }
        return Optional.of(new ReservationReport(report.get(JAVA_BYTE, TYPE), registrants));
    }

    Optional<Registrant> holder() {
        return registrants.stream().filter(Registrant::holds).findFirst();
    }

    boolean knows(long key) {
        return registrants.stream().anyMatch(registrant -> registrant.key == key);
    }

    /** Whoever has another key. */
    Optional<Registrant> other(long key) {
        return registrants.stream().filter(registrant -> registrant.key != key).findFirst();
    }

    /** Whether nobody but the host with this key may write. */
    boolean isHeldBy(long key) {
        return type == WRITE_EXCLUSIVE
                && holder().filter(registrant -> registrant.key == key).isPresent();
    }
}
