/** RDP on one core, beside a copy and beside other libraries for erasure codes, with JMH. */
@NullMarked
package io.stria.perf.coding;

import org.jspecify.annotations.NullMarked;
