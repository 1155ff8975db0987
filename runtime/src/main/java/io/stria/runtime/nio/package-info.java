/** The engine for places where io_uring is forbidden: a selector, and threads for files. */
@NullMarked
package io.stria.runtime.nio;

import org.jspecify.annotations.NullMarked;
