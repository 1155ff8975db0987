package io.stria.nvmf;

/** Gives each IO queue of a subsystem what carries out its commands. */
@FunctionalInterface
public interface QueueHandler {
    /**
     * A host has connected an IO queue, and authenticated if it had to.
     *
     * @return the queue's own executor; it hears when the queue has gone
     */
    CommandExecutor onConnected(QueuePair queue);
}
