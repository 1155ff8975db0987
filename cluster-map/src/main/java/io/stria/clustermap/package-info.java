/** The cluster map: an immutable value per epoch, and its encodings. */
@NullMarked
package io.stria.clustermap;

import org.jspecify.annotations.NullMarked;
