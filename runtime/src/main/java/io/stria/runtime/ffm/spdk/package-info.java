/**
 * SPDK as this process sees it, where somebody has installed it: environment, controllers and queue
 * pairs. Nothing outside of {@code io.stria.runtime.spdk} and what starts nodes knows it, and
 * nothing of it is loaded before {@link io.stria.runtime.ffm.spdk.Spdk} was asked.
 */
@NullMarked
package io.stria.runtime.ffm.spdk;

import org.jspecify.annotations.NullMarked;
