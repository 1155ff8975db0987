package io.stria.simulator;

/** Whether an IO of a host has been answered. */
final class Answer {
    private boolean there;

    void come() {
        there = true;
    }

    boolean isThere() {
        return there;
    }
}
