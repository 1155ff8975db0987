/** Pictures of where a reactor's time goes. */
@NullMarked
package io.stria.perf.flame;

import org.jspecify.annotations.NullMarked;
