/** The target and a real Linux host, without the rest of a node. */
@NullMarked
package io.stria.systemtests.nvmf;

import org.jspecify.annotations.NullMarked;
