/**
 * Who may serve: leases, maps pushed to nodes, and the epoch in force. Two roles that somebody else
 * polls, {@link io.stria.control.lease.Coordinator} on the leader and {@link
 * io.stria.control.lease.NodeAgent} on every node; a clock and a way to send messages come in from
 * outside, so the simulator runs them as they are.
 *
 * <p><b>The argument.</b> A node serves only while its lease holds. A lease runs from the sending
 * of a renewal at s, and is granted only when a majority followed the granting leader at s or
 * later; so a later leader was elected after s, and by waiting one lease and the clocks' drift from
 * its election it has outlived every lease that it does not know of. A lease is granted only to a
 * node that has applied the newest committed epoch. So once every node has applied epoch N or has
 * no lease, it stays so: whoever serves from then on knows N. That is <em>in force</em>.
 */
@NullMarked
package io.stria.control.lease;

import org.jspecify.annotations.NullMarked;
