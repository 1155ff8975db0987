/**
 * The simulated engine: the same reactor code in one thread under one seed. What can go wrong in it
 * stands in {@link io.stria.runtime.sim.FaultModel}; {@link
 * io.stria.runtime.sim.SimulatedEngine#forTest} is the short way in.
 */
@NullMarked
package io.stria.runtime.sim;

import org.jspecify.annotations.NullMarked;
