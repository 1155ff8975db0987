/** Devices through SPDK, polled by the reactor that owns them, beside any other engine. */
@NullMarked
package io.stria.runtime.spdk;

import org.jspecify.annotations.NullMarked;
