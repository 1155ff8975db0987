/** Reactors and the engine through which they see time, sockets and devices. */
@NullMarked
package io.stria.runtime;

import org.jspecify.annotations.NullMarked;
