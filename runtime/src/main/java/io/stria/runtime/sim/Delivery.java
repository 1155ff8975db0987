package io.stria.runtime.sim;

/** Something that waits for the engine's next poll. */
interface Delivery {
    void deliver();
}
