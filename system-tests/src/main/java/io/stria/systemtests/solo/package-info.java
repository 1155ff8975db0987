/** One node without a control plane, for tests of the data path alone. */
@NullMarked
package io.stria.systemtests.solo;

import org.jspecify.annotations.NullMarked;
