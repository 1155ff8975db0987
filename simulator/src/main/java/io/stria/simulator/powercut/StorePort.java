package io.stria.simulator.powercut;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.ChunkStore;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The way from an owner to one store, which can be cut: what was sent before still arrives. */
class StorePort implements FragmentStore {
    private final LongSupplier associations;
    private final ArrayDeque<FragmentRequest> refused = new ArrayDeque<>();
    private @Nullable ChunkStore store;
    private long connection;
    private long association;

    StorePort(LongSupplier associations) {
        this.associations = associations;
    }

    void connect(ChunkStore to) {
        store = to;
        connection = associations.getAsLong();
    }

    void cut() {
        connection = 0;
    }

    @Override
    public void submit(FragmentRequest request) {
        ChunkStore open = store;
        if (connection == 0 || open == null) {
            refused.add(request);
            return;
        }
        if (request.op == FragmentOp.ATTACH) {
            association = associations.getAsLong();
        }
        request.association = association;
        open.submit(request);
    }

    /** It ends with DISCONNECTED, from a later poll. */
    final void refuse(FragmentRequest request) {
        refused.add(request);
    }

    @Override
    public long connection() {
        return connection;
    }

    int poll() {
        int count = refused.size();
        for (int i = 0; i < count; i++) {
            refused.remove().complete(IoStatus.DISCONNECTED, 0);
        }
        return count;
    }
}
