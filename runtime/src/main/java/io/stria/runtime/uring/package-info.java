/** The production engine: sockets and files of one reactor on one io_uring. */
@NullMarked
package io.stria.runtime.uring;

import org.jspecify.annotations.NullMarked;
