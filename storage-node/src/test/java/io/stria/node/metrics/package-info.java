@NullMarked
package io.stria.node.metrics;

import org.jspecify.annotations.NullMarked;
