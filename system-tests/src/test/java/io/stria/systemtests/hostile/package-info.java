/** Hostile hosts on the network of a real cluster that serves others. */
@NullMarked
package io.stria.systemtests.hostile;

import org.jspecify.annotations.NullMarked;
