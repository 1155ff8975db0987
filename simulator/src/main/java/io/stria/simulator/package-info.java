/**
 * A whole cluster in one thread under one seed: the real stores, owners, peers, leases and
 * decisions, on simulated disks, networks and clocks, with hosts that know every write they were
 * told is safe.
 */
@NullMarked
package io.stria.simulator;

import org.jspecify.annotations.NullMarked;
