/** The control plane of a node: what is decided, who leads, REST. */
@NullMarked
package io.stria.control;

import org.jspecify.annotations.NullMarked;
