package io.stria.node.supervise;

/**
 * A node process as its parent knows it.
 *
 * @param pid of the last one started; 0 before the first
 * @param ending how the last one ended, empty while it runs or when there was none; without a
 *     process, the sentence that says why it could not be started
 */
public record NodeStatus(int id, long pid, boolean running, String ending) {
    /** Also of one that could not be started; false before its first start. */
    public boolean hasEnded() {
        return !running && !ending.isEmpty();
    }
}
