/** What a node tells a scraper of its data plane. */
@NullMarked
package io.stria.node.metrics;

import org.jspecify.annotations.NullMarked;
