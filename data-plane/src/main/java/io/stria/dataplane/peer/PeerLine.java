package io.stria.dataplane.peer;

import java.util.ArrayDeque;

/**
 * Connections that wait for a buffer of their device's share, each once, the next one first. One
 * reactor's.
 */
final class PeerLine {
    private final ArrayDeque<PeerConnection> line = new ArrayDeque<>();

    /** Whether a turn is under way, and whether a buffer came back since it began. */
    private boolean serving;

    private boolean freed;

    int size() {
        return line.size();
    }

    /** It waits from now on, if it does not yet. */
    void join(PeerConnection connection) {
        if (!connection.inLine) {
            connection.inLine = true;
            line.add(connection);
        }
    }

    void leave(PeerConnection connection) {
        if (connection.inLine) {
            connection.inLine = false;
            line.remove(connection);
        }
    }

    /**
     * A buffer came back. Everybody is asked: it may be what connections of two devices wait for,
     * and no help to those of a device that hangs.
     */
    void onFreed() {
        freed = true;
        if (serving) {
            return; // the call further out goes on: a long line is no deep stack
        }
        serving = true;
        while (freed) {
            freed = false;
            for (int i = line.size(); i > 0; i--) {
                PeerConnection next = line.remove();
                if (next.finds()) {
                    next.inLine = false;
                    next.resume();
                } else {
                    line.add(next);
                }
            }
        }
        serving = false;
    }
}
