package io.stria.dataplane.node;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import io.stria.dataplane.peer.RemoteStore;

/** Makes the way to a device of another node. */
public interface PeerConnector {
    RemoteStore connect(NodeEntry node, DeviceSlot slot);
}
