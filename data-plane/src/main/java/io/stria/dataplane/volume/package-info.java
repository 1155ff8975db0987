/**
 * The owner of a volume: versioned striped writes, reads, take-over and catching up
 * (docs/architecture.md).
 */
@NullMarked
package io.stria.dataplane.volume;

import org.jspecify.annotations.NullMarked;
