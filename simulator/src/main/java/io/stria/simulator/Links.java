package io.stria.simulator;

import io.stria.runtime.sim.SimulatedNetwork;
import java.util.Arrays;
import java.util.List;

/**
 * Which ways between nodes, and between nodes and the hosts, are cut; the network's paths follow.
 * The messages of control planes and consensus, which do not travel on the simulated network, go by
 * this.
 */
public final class Links {
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes;
    private final boolean[][] cut;
    private final boolean[] cutFromHosts;

    Links(SimulatedNetwork network, List<SimulatedNode> nodes, int count) {
        this.network = network;
        this.nodes = nodes;
        this.cut = new boolean[count + 1][count + 1];
        this.cutFromHosts = new boolean[count + 1];
    }

    /** Nothing passes from the one node to the other. */
    public void cutOneWay(int from, int to) {
        cut[from][to] = true;
        network.cutOneWay(node(from).host(), node(to).host());
    }

    /** Cuts a way, or heals it. */
    void oneWay(int from, int to, boolean isCut) {
        if (isCut) {
            cutOneWay(from, to);
        } else {
            cut[from][to] = false;
            network.healOneWay(node(from).host(), node(to).host());
        }
    }

    /** The node and the others hear nothing of each other; hosts still reach it. */
    public void isolate(int id) {
        for (SimulatedNode other : nodes) {
            if (other.id() != id) {
                cutOneWay(id, other.id());
                cutOneWay(other.id(), id);
            }
        }
    }

    /** No host reaches the node. */
    public void cutFromHosts(int id) {
        cutFromHosts[id] = true;
    }

    public void heal() {
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        Arrays.fill(cutFromHosts, false);
        network.healAll();
    }

    /** Whether a message that is sent now is lost. */
    boolean isCut(int from, int to) {
        return cut[from][to];
    }

    boolean isCutFromHosts(int id) {
        return cutFromHosts[id];
    }

    /** Whether the node is whole: no way to or from it is cut. */
    public boolean isWhole(int id) {
        for (SimulatedNode other : nodes) {
            if (cut[id][other.id()] || cut[other.id()][id]) {
                return false;
            }
        }
        return !cutFromHosts[id];
    }

    private SimulatedNode node(int id) {
        return nodes.get(id - 1);
    }
}
