/** A load generator: an NVMe/TCP host that does IO as fast as any target answers, and measures. */
@NullMarked
package io.stria.perf.load;

import org.jspecify.annotations.NullMarked;
