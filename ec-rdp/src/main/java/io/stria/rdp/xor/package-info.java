/** The xor loops under row-diagonal parity; holds the only class that uses the Vector API. */
@NullMarked
package io.stria.rdp.xor;

import org.jspecify.annotations.NullMarked;
