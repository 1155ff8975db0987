/**
 * NVMe/TCP target: subsystems, controllers, queue pairs and the transport below them. Everything in
 * it belongs to one reactor.
 */
@NullMarked
package io.stria.nvmf;

import org.jspecify.annotations.NullMarked;
