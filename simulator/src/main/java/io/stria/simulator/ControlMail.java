package io.stria.simulator;

import io.stria.control.lease.Message;
import io.stria.runtime.sim.SimulatedRandom;
import io.stria.runtime.sim.Simulation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Carries the messages of control planes: each on its own, so they overtake each other, and are
 * lost, late or doubled.
 */
public final class ControlMail {
    private static final double DOUBLED = 0.02;

    private final Simulation simulation;
    private final SimulatedRandom random;
    private final List<SimulatedNode> nodes;
    private final Links links;
    private final LeaseWatch watch;
    private final Set<Integer> hushed = new HashSet<>();
    private double loss;
    private double slow;

    ControlMail(Simulation simulation, List<SimulatedNode> nodes, Links links, LeaseWatch watch) {
        this.simulation = simulation;
        this.random = simulation.random("control mail");
        this.nodes = nodes;
        this.links = links;
        this.watch = watch;
    }

    /**
     * How bad it is from now on.
     *
     * @param lossChance of a message to vanish
     * @param slowChance of a message to take up to four seconds
     */
    public void quality(double lossChance, double slowChance) {
        loss = lossChance;
        slow = slowChance;
    }

    /**
     * The node's control plane says nothing to others from now on and hears nothing of them, while
     * its data plane goes on.
     */
    void hush(int node) {
        hushed.add(node);
    }

    void unhush(int node) {
        hushed.remove(node);
    }

    /** Everything arrives again. */
    void heal() {
        quality(0, 0);
        hushed.clear();
    }

    private boolean isHushed(int from, int to) {
        return from != to && (hushed.contains(from) || hushed.contains(to));
    }

    void send(int from, int to, Message message) {
        watch.onSent(from, to, message);
        int copies = random.chance(DOUBLED) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            boolean away =
                    links.isCut(from, to) || nodes.get(from - 1).isPaused() || isHushed(from, to);
            if (!away && (from == to || !random.chance(loss))) {
                simulation.after(delayNs(from, to), () -> deliver(from, to, message));
            }
        }
    }

    private long delayNs(int from, int to) {
        if (from == to) {
            return random.between(1_000, 20_000);
        }
        return random.chance(slow)
                ? random.between(0, 4_000_000_000L)
                : random.between(50_000, 3_000_000);
    }

    private void deliver(int from, int to, Message message) {
        NodeProcess process = nodes.get(to - 1).processOrNull();
        if (process != null) {
            watch.onArrived(from, to, message);
            process.onMessage(from, message);
        }
    }
}
