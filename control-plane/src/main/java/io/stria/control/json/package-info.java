/** JSON as the control plane reads and writes it. */
@NullMarked
package io.stria.control.json;

import org.jspecify.annotations.NullMarked;
