/** Tests of the kernel host and its judges, against the kernel's own target. */
@NullMarked
package io.stria.systemtests.host;

import org.jspecify.annotations.NullMarked;
