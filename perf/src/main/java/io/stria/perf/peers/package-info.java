/** A target beside its peers: all present ones in turn, in one go, medians and ratios. */
@NullMarked
package io.stria.perf.peers;

import org.jspecify.annotations.NullMarked;
