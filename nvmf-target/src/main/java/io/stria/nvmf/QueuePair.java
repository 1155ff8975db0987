package io.stria.nvmf;

/**
 * What a connection became by its Connect command: submission and completion queue of a controller.
 */
final class QueuePair {
    private static final int NO_HEAD = 0xFFFF;

    private final Controller controller;
    private final int id;
    private final int entries;
    private final boolean flowControl;
    private int head;

    QueuePair(Controller controller, int id, int entries, boolean flowControl) {
        this.controller = controller;
        this.id = id;
        this.entries = entries;
        this.flowControl = flowControl;
        onCommand(); // its Connect
    }

    Controller controller() {
        return controller;
    }

    /** 0: the admin queue. */
    int id() {
        return id;
    }

    int entries() {
        return entries;
    }

    /** Without it, a successful read may end with its data alone. */
    boolean hasFlowControl() {
        return flowControl;
    }

    void onCommand() {
        head = head + 1 == entries ? 0 : head + 1;
    }

    /** SQHD of the next completion. */
    int head() {
        return flowControl ? head : NO_HEAD;
    }
}
