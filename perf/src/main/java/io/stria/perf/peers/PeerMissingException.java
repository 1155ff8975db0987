package io.stria.perf.peers;

/** A peer is not on this machine; the message says what would bring it. */
public final class PeerMissingException extends Exception {
    private static final long serialVersionUID = 1;

    public PeerMissingException(String reason) {
        super(reason);
    }
}
