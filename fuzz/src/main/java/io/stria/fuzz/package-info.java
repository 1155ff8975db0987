/**
 * Coverage-guided fuzzing of decoders, for the tests of the other modules. Nothing that runs on a
 * node depends on it.
 */
@NullMarked
package io.stria.fuzz;

import org.jspecify.annotations.NullMarked;
