package io.stria.nvmf;

import java.util.LinkedHashSet;

/**
 * Commands that a connection has left executing, and the Connects of its host that wait for them
 * and for all that were left before.
 */
final class Leftovers {
    private final LinkedHashSet<Runnable> waiting = new LinkedHashSet<>();
    private int commands;

    Leftovers(int commands) {
        this.commands = commands;
    }

    void onEnded() {
        assert commands > 0 : "more have ended than were left";
        commands--;
    }

    boolean haveEnded() {
        return commands == 0;
    }

    void await(Runnable action) {
        waiting.add(action);
    }

    /** The action need not run any more. */
    void forget(Runnable action) {
        waiting.remove(action);
    }

    void runWaiting() {
        while (!waiting.isEmpty()) {
            waiting.removeFirst().run();
        }
    }
}
