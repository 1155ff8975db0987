@NullMarked
package io.stria.runtime.sim;

import org.jspecify.annotations.NullMarked;
