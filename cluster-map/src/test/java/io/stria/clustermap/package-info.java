/** Tests of the cluster map and its encodings. */
@NullMarked
package io.stria.clustermap;

import org.jspecify.annotations.NullMarked;
