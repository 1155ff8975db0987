/** Where the chunks of a page are: a pure function of the cluster map. */
@NullMarked
package io.stria.placement;

import org.jspecify.annotations.NullMarked;
