package io.stria.simulator;

import io.stria.control.lease.DeviceFill;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedHost;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.LongSupplier;

/** Opens the chunk store on a disk for a process that starts. */
public interface StoreOpener {
    /** Hears how opening ended, on the reactor; never, if the process dies before. */
    interface Listener {
        void onOpen(StoreService store);

        /**
         * The node does without this device.
         *
         * @param reason one sentence
         */
        void onRefused(String reason);
    }

    /**
     * @param reactor of the process; the store lives on it
     * @param memory closed when the process has ended
     * @param disk where the host has the simulated disk
     * @param associations numbers that no other client of a store in this process uses
     */
    void open(
            SimulatedHost host,
            Reactor reactor,
            Arena memory,
            Path disk,
            DeviceIdentity identity,
            LongSupplier associations,
            Listener listener);

    /** How full the store of the device is that was opened last; empty where nobody counts. */
    default DeviceFill fill(UUID deviceId) {
        return new DeviceFill(deviceId, 0, 1);
    }

    /** There is another, empty device in this one's place, and an operator's word to format it. */
    default void replaced(UUID deviceId) {}
}
