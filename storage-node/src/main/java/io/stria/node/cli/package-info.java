/** The command line: everything but {@code up} and {@code down} goes through REST. */
@NullMarked
package io.stria.node.cli;

import org.jspecify.annotations.NullMarked;
