/** What the engines on a real kernel have in common: memory of streams, and access to files. */
@NullMarked
package io.stria.runtime.kernel;

import org.jspecify.annotations.NullMarked;
