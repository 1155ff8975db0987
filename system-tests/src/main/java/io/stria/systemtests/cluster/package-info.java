/** Whole clusters of real processes, for tests. */
@NullMarked
package io.stria.systemtests.cluster;

import org.jspecify.annotations.NullMarked;
