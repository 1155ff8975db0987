/** Tests of placement. */
@NullMarked
package io.stria.placement;

import org.jspecify.annotations.NullMarked;
