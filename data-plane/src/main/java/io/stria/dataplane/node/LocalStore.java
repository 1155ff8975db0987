package io.stria.dataplane.node;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;

/**
 * A store on the owner's own reactor: no connection to lose, an association of its own for each
 * owner.
 */
final class LocalStore implements FragmentStore {
    private final StoreService store;
    private final long association;

    LocalStore(StoreService store, long association) {
        this.store = store;
        this.association = association;
    }

    @Override
    public void submit(FragmentRequest request) {
        request.association = association;
        store.submit(request);
    }

    @Override
    public long connection() {
        return association;
    }
}
