package io.stria.nvmf;

import io.stria.nvme.StatusCode;

/** Carries out the commands of one queue. Called on the reactor of the target. */
interface CommandExecutor {
    /**
     * Decides about a command before any of its data moves. {@link Command#data} is not there yet.
     *
     * @return {@link StatusCode#SUCCESS}, or the status that the host gets at once
     */
    int admit(Command command);

    /**
     * Begins. The host's data is there, or memory for the data that the host shall get. Ends with
     * {@link Command#complete}, from within this call or later.
     */
    void execute(Command command);

    /** The connection of the queue has ended: of what has not begun yet nothing need begin. */
    default void onConnectionEnded(Connection connection) {}
}
