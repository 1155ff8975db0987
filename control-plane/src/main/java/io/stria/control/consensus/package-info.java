/** The log that decides: Ratis on real nodes, one in memory under the simulator. */
@NullMarked
package io.stria.control.consensus;

import org.jspecify.annotations.NullMarked;
