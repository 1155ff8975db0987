/**
 * One reactor's part of a node: its stores, the volumes it owns, and how both follow the cluster
 * map.
 */
@NullMarked
package io.stria.dataplane.node;

import org.jspecify.annotations.NullMarked;
