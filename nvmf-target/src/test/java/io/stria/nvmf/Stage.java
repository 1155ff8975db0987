package io.stria.nvmf;

import io.stria.nvme.ConnectData;

/** How far a host has come with a connection before it turns hostile. */
enum Stage {
    FRESH,
    INITIALIZED,
    CONNECTED,
    ENABLED,
    IO,
    /** The target has asked for the data of a write, and waits. */
    AWAITING_DATA;

    static final int WRITE_BYTES = 65536;

    /** A connection that has come this far. */
    HostQueue reach(TestHost host) {
        if (this == INITIALIZED) {
            return host.admin;
        }
        if (this == CONNECTED) {
            host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
            return host.admin;
        }
        host.enable();
        if (this == ENABLED) {
            return host.admin;
        }
        HostQueue queue = host.connectIo(1);
        if (this == AWAITING_DATA) {
            queue.answersRequests = false;
            TestHost.submitWrite(queue, 200, new byte[WRITE_BYTES]);
            queue.awaitRequests(1);
        }
        return queue;
    }
}
