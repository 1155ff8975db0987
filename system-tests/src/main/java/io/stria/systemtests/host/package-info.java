/** A real Linux host (user-mode Linux) with its own network, and the judges that run inside it. */
@NullMarked
package io.stria.systemtests.host;

import org.jspecify.annotations.NullMarked;
