/** One node: its configuration, its parts wired together, and their start and end. */
@NullMarked
package io.stria.node;

import org.jspecify.annotations.NullMarked;
