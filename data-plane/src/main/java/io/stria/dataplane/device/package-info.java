/**
 * The one interface between layers of a volume, and between an owner and the stores of its
 * fragments.
 */
@NullMarked
package io.stria.dataplane.device;

import org.jspecify.annotations.NullMarked;
