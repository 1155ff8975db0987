/**
 * Hosts that share blocks of a cluster whose nodes are killed, frozen and cut off, and the judge of
 * what they saw.
 */
@NullMarked
package io.stria.systemtests.linear;

import org.jspecify.annotations.NullMarked;
