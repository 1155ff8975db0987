package io.stria.perf.coding;

/** A library is not on this machine; the message says what would bring it. */
final class MissingLibraryException extends Exception {
    private static final long serialVersionUID = 1;

    MissingLibraryException(String reason) {
        super(reason);
    }
}
