/**
 * What the cluster has decided, as a deterministic state machine: no clock, no randomness, no IO.
 * The same sequence of decisions gives the same state on every node and in the simulator.
 */
@NullMarked
package io.stria.control.decisions;

import org.jspecify.annotations.NullMarked;
