/** Benchmarks of single parts, run by {@code perf/run}; no part of what is installed. */
@NullMarked
package io.stria.perf;

import org.jspecify.annotations.NullMarked;
