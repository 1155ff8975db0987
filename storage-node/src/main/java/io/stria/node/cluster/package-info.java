/** The directory of a cluster on this machine: what it is made of, and how it is made. */
@NullMarked
package io.stria.node.cluster;

import org.jspecify.annotations.NullMarked;
