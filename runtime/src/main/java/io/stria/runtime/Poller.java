package io.stria.runtime;

/** Something that a reactor polls; it never blocks. */
public interface Poller {
    /**
     * Does what can be done now. Returns how much was done: 0 tells the reactor that it may idle.
     */
    int poll(long nowNs);
}
