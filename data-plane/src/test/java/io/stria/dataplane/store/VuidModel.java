package io.stria.dataplane.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a store must answer for one VUID: every version of every fragment since it was last
 * replaced, with the versions that are certain.
 */
final class VuidModel {
    /** Version to "is a tombstone". */
    static final class Versions extends TreeMap<Long, Boolean> {
        private static final long serialVersionUID = 1;

        Versions() {
            super(Long::compareUnsigned);
        }
    }

    private final Map<Long, Versions> fragments = new HashMap<>();

    Versions at(long address) {
        return fragments.computeIfAbsent(address, _ -> new Versions());
    }

    /** A copy: {@link #at} may change the table, also for an address that is there. */
    List<Long> addresses() {
        return List.copyOf(fragments.keySet());
    }

    void clear() {
        fragments.clear();
    }

    /** Whether what a read at a version returned is right; tombstones up to W may have gone. */
    boolean allows(long address, long limit, long sentWatermark, long checked) {
        var newest = at(address).floorEntry(limit);
        if (newest == null) {
            return checked == 0;
        }
        if (!newest.getValue()) {
            return checked == newest.getKey();
        }
        return checked == StoreClient.tombstone(newest.getKey())
                || (checked == 0 && Long.compareUnsigned(newest.getKey(), sentWatermark) <= 0);
    }

    /** Whether it is nothing, or some version at or below the limit, as it was written. */
    boolean hasHeld(long address, long limit, long checked) {
        if (checked == 0) {
            return true;
        }
        return at(address).headMap(limit, true).entrySet().stream()
                .anyMatch(version ->
                        checked
                                == (version.getValue()
                                        ? StoreClient.tombstone(version.getKey())
                                        : version.getKey()));
    }
}
