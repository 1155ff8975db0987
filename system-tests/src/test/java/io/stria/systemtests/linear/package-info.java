@NullMarked
package io.stria.systemtests.linear;

import org.jspecify.annotations.NullMarked;
