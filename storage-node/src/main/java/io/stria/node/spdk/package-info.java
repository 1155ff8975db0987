/** Nodes with devices through SPDK: what their processes are started with, and what they start. */
@NullMarked
package io.stria.node.spdk;

import org.jspecify.annotations.NullMarked;
