package io.stria.simulator;

import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedHost;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Opens the chunk store on a disk for a process that starts. */
public interface StoreOpener {
    /**
     * @param reactor of the process; the store lives on it
     * @param memory closed when the process has ended
     * @param disk where the host has the simulated disk
     * @param associations numbers that no other client of a store in this process uses
     * @param whenOpen hears of it on the reactor; never, if the process dies before
     */
    void open(
            SimulatedHost host,
            Reactor reactor,
            Arena memory,
            Path disk,
            DeviceIdentity identity,
            LongSupplier associations,
            Consumer<StoreService> whenOpen);
}
