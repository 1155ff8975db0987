/**
 * The parent of a machine's node processes: starts, stops and outlives them, and says when one
 * ended.
 */
@NullMarked
package io.stria.node.supervise;

import org.jspecify.annotations.NullMarked;
