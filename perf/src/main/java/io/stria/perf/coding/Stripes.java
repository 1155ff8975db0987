package io.stria.perf.coding;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Where the benchmarks' stripes stand: {@code HOT} is one stripe again and again, {@code COLD} a
 * new one each time, out of more memory than any cache holds and in an order that no prefetcher
 * foresees.
 */
@State(Scope.Thread)
public class Stripes {
    /** At least the stripe of 1+2, which is three blocks. */
    static final int SLOT_BYTES = 16 << 10;

    private static final int COLD_SLOTS = 1 << 15;

    public enum Place {
        HOT(1),
        COLD(COLD_SLOTS);

        final int slots;

        Place(int slots) {
            this.slots = slots;
        }
    }

    @Param Place place = Place.HOT;

    MemorySegment memory = MemorySegment.NULL;
    private int slot;

    @Setup
    public void allocate() {
        long bytes = (long) place.slots * SLOT_BYTES;
        memory = Arena.ofAuto().allocate(bytes, 4096);
        // Touches every page. Exclusive or takes as long for any bytes.
        memory.fill((byte) 0x5A);
    }

    /** Visits every slot once before any comes again. */
    long next() {
        slot = slot * 20_021 + 12_345 & place.slots - 1;
        return (long) slot * SLOT_BYTES;
    }
}
