package io.stria.runtime.sim;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The way from one host to another; the way back is another one. */
final class SimulatedPath {
    private final Simulation simulation;
    private final SimulatedHost from;
    private final SimulatedHost to;
    private final SimulatedRandom random;
    private final Set<SimulatedPipe> waiting = new LinkedHashSet<>();
    private LinkConfig config;
    private boolean cut;

    SimulatedPath(Simulation simulation, SimulatedHost from, SimulatedHost to, LinkConfig config) {
        this.simulation = simulation;
        this.from = from;
        this.to = to;
        this.config = config;
        this.random = simulation.random("path " + from + " > " + to);
    }

    SimulatedHost from() {
        return from;
    }

    SimulatedHost to() {
        return to;
    }

    LinkConfig config() {
        return config;
    }

    void config(LinkConfig newConfig) {
        config = newConfig;
    }

    SimulatedRandom random() {
        return random;
    }

    long latencyNs() {
        return config.latency().drawNs(random);
    }

    /** When bytes that leave now are at the other end, if nothing is in their way. */
    long arrivalNs(long bytes) {
        return from.card().leaveNs(bytes, config.bytesPerSecond()) + latencyNs();
    }

    void cut() {
        cut = true;
    }

    void heal() {
        cut = false;
        reconsider();
    }

    boolean isCut() {
        return cut;
    }

    boolean isPassable() {
        return !cut && to.isPowered();
    }

    /** A pipe that is to be told when this path becomes passable. */
    void await(SimulatedPipe pipe) {
        waiting.add(pipe);
    }

    /** The path may have become passable. */
    void reconsider() {
        if (isPassable()) {
            List<SimulatedPipe> waited = List.copyOf(waiting);
            waiting.clear();
            waited.forEach(SimulatedPipe::onPassable);
        }
    }

    /** Something without bytes that nobody retransmits; lost if the path is cut on its arrival. */
    void sendDatagram(Runnable arrival) {
        sendDatagram(arrival, () -> {});
    }

    void sendDatagram(Runnable arrival, Runnable loss) {
        simulation.after(
                latencyNs(),
                () -> {
                    if (isPassable()) {
                        arrival.run();
                    } else {
                        loss.run();
                    }
                });
    }

    @Override
    public String toString() {
        return from + " > " + to;
    }
}
