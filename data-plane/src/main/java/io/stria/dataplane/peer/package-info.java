/**
 * Fragment commands between nodes: each device is an NVMe/TCP subsystem that only members reach.
 */
@NullMarked
package io.stria.dataplane.peer;

import org.jspecify.annotations.NullMarked;
