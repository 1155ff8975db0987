/** Hazelcast as Vert.x's cluster manager: membership and events, and nothing that must last. */
@NullMarked
package io.stria.control.bus;

import org.jspecify.annotations.NullMarked;
