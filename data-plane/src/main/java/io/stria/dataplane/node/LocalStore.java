package io.stria.dataplane.node;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import java.util.function.LongSupplier;

/**
 * A store on the owner's own reactor: no connection to lose, and an association of its own for each
 * time the owner attaches, so that attaching anew ends what an earlier one left waiting.
 */
final class LocalStore implements FragmentStore {
    private final StoreService store;
    private final LongSupplier associations;
    private final long connection;
    private long association;

    LocalStore(StoreService store, LongSupplier associations) {
        this.store = store;
        this.associations = associations;
        this.connection = associations.getAsLong();
        this.association = connection;
    }

    @Override
    public void submit(FragmentRequest request) {
        if (request.op == FragmentOp.ATTACH) {
            association = associations.getAsLong();
        }
        request.association = association;
        store.submit(request);
    }

    @Override
    public long connection() {
        return connection;
    }
}
