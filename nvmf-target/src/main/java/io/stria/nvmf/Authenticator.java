package io.stria.nvmf;

import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;

/**
 * Authenticates the host of one queue, by messages in Authentication Send and Authentication
 * Receive. Until it says that the host is who it claims to be, the queue takes nothing else.
 */
public interface Authenticator {
    /** Makes one for each queue of a subsystem that asks for authentication. */
    @FunctionalInterface
    interface Factory {
        /**
         * @param queueId 0 for the admin queue
         */
        Authenticator create(HostIdentity host, String subsystemNqn, int queueId);
    }

    /**
     * A message of the host.
     *
     * @return {@link StatusCode#SUCCESS}, or the status that the host gets
     */
    int onSend(MemorySegment data, long offset, int bytes);

    /**
     * Writes the next message for the host; the rest of its memory is zero.
     *
     * @return {@link StatusCode#SUCCESS}, or the status that the host gets
     */
    int onReceive(MemorySegment data, long offset, int bytes);

    boolean isAuthenticated();
}
