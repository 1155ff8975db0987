/** Row-diagonal parity: n data fragments and two parities, of which any two may be lost. */
@NullMarked
package io.stria.rdp;

import org.jspecify.annotations.NullMarked;
