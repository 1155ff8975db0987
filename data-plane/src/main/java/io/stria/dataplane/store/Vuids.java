package io.stria.dataplane.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The address spaces that a store has heard of: by VUID, and in a list. */
final class Vuids {
    private @Nullable VuidState[] table = new @Nullable VuidState[64];
    private @Nullable VuidState[] list = new @Nullable VuidState[16];
    private int count;

    int count() {
        return count;
    }

    VuidState at(int i) {
        VuidState state = list[i];
        assert state != null;
        return state;
    }

    @Nullable VuidState find(int vuid) {
        for (int slot = slot(vuid); ; slot = slot + 1 & table.length - 1) {
            VuidState state = table[slot];
            if (state == null || state.vuid == vuid) {
                return state;
            }
        }
    }

    VuidState get(int vuid) {
        VuidState known = find(vuid);
        if (known != null) {
            return known;
        }
        VuidState made = new VuidState(vuid);
        if (count == list.length) {
            list = Arrays.copyOf(list, count * 2);
        }
        list[count++] = made;
        if (count * 2 > table.length) {
            table = new @Nullable VuidState[table.length * 2];
            for (int i = 0; i < count; i++) {
                insert(at(i));
            }
        } else {
            insert(made);
        }
        return made;
    }

    private void insert(VuidState state) {
        int slot = slot(state.vuid);
        while (table[slot] != null) {
            slot = slot + 1 & table.length - 1;
        }
        table[slot] = state;
    }

    private int slot(int vuid) {
        return (int) Hash.mix(vuid) & table.length - 1;
    }
}
