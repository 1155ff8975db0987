package io.stria.systemtests.host;

/** The host did not start, ended by itself, did not answer in time, or a script on it failed. */
public final class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HostException(String message) {
        super(message);
    }

    public HostException(String message, Throwable cause) {
        super(message, cause);
    }
}
