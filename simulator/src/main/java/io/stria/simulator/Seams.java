package io.stria.simulator;

import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.MapSink;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.volume.MapProposals;
import java.util.UUID;

/**
 * Where the parts of a node meet: a test puts something in between, to see that the simulation
 * notices when one of them breaks its promise.
 */
public interface Seams {
    /** Nothing in between. */
    Seams NONE = new Seams() {};

    default StoreService store(int nodeId, UUID deviceId, StoreService store) {
        return store;
    }

    default MapProposals proposals(int nodeId, MapProposals proposals) {
        return proposals;
    }

    default MapSink maps(int nodeId, MapSink maps) {
        return maps;
    }

    default LeaseSink leases(int nodeId, LeaseSink leases) {
        return leases;
    }
}
