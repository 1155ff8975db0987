package io.stria.runtime.sim;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineWorld;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The engine contract in a simulated world: engines on one host, or each on one of its own. */
final class SimulatedWorld implements EngineWorld {
    private static final long OVERDUE_NS = 3_600_000_000_000L;
    private static final int IDLE_STEPS_MAX = 1000;

    private final Simulation simulation;
    private final SimulatedNetwork network;
    private final List<SimulatedEngine> engines = new ArrayList<>();
    private final boolean oneHost;
    private int idleSteps;

    SimulatedWorld(long seed, boolean oneHost) {
        this.simulation = new Simulation(seed);
        this.network = new SimulatedNetwork(simulation);
        this.oneHost = oneHost;
    }

    @Override
    public Engine newEngine() {
        SimulatedEngine engine =
                oneHost && !engines.isEmpty()
                        ? engines.getFirst().host().addReactor()
                        : network.addHost("host" + engines.size(), "10.0.0." + (engines.size() + 1))
                                .start();
        engines.add(engine);
        return engine;
    }

    @Override
    public Path path(String name) {
        return Path.of(name);
    }

    @Override
    public InetSocketAddress anyAddress() {
        return new InetSocketAddress(oneHost ? "127.0.0.1" : "10.0.0.1", 0);
    }

    @Override
    public void step() {
        int work = 0;
        for (SimulatedEngine engine : engines) {
            work += engine.poll();
        }
        boolean idle = work == 0 && !simulation.step();
        idleSteps = idle ? idleSteps + 1 : 0;
    }

    @Override
    public boolean isOverdue() {
        return simulation.nowNs() > OVERDUE_NS || idleSteps > IDLE_STEPS_MAX;
    }

    @Override
    public void close() {
        engines.forEach(SimulatedEngine::close);
    }
}
