/** Microbenchmarks of single parts, with JMH. */
@NullMarked
package io.stria.perf.micro;

import org.jspecify.annotations.NullMarked;
