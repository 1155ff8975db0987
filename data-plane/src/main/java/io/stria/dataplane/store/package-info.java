/**
 * The chunk store: one device's fragments, addressed by (VUID, LPA), with all metadata inline on
 * the device. {@link io.stria.dataplane.store.ChunkStore} is the way in; everything here belongs to
 * the one reactor that owns the device.
 */
@NullMarked
package io.stria.dataplane.store;

import org.jspecify.annotations.NullMarked;
