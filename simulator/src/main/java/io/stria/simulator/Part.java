package io.stria.simulator;

import java.util.ArrayList;
import java.util.List;

/** What a cluster loses and gets back: a node's process, or one device. */
sealed interface Part {
    enum Kind {
        NODES("nodes killed"),
        DEVICES("devices failed"),
        HUNG_DEVICES("devices hung");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** All parts of this kind, in the order of their nodes. */
        List<Part> of(SimulatedCluster cluster) {
            List<Part> parts = new ArrayList<>();
            for (SimulatedNode node : cluster.nodes()) {
                if (this == NODES) {
                    parts.add(new Node(node));
                } else {
                    boolean hangs = this == HUNG_DEVICES;
                    node.disks().forEach(disk -> parts.add(new Device(node, disk, hangs)));
                }
            }
            return parts;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    SimulatedNode node();

    /** It happens at this moment, whatever is under way. */
    void lose();

    boolean isAway();

    /** It can be used again once its node, which is left stopped, has started. */
    void repair();

    /** The process is killed. */
    record Node(SimulatedNode node) implements Part {
        @Override
        public void lose() {
            node.kill();
        }

        @Override
        public boolean isAway() {
            return !node.isRunning();
        }

        @Override
        public void repair() {}
    }

    /** The device answers everything with an error, or nothing at all. What it held stays on it. */
    record Device(SimulatedNode node, SimulatedNode.Disk disk, boolean hangs) implements Part {
        @Override
        public void lose() {
            node.loseDisk(disk, hangs);
        }

        @Override
        public boolean isAway() {
            return node.isLost(disk);
        }

        @Override
        public void repair() {
            node.kill();
            node.repairDisk(disk);
        }
    }
}
