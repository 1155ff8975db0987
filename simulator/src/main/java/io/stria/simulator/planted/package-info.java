/**
 * Bugs that are planted into the product on purpose, to see that the checks can fail. The product
 * has no seam for them: a bug names a class, a method and what it does instead, and is patched into
 * the class file as it is loaded ({@link io.stria.simulator.planted.VariantLoader}). {@link
 * io.stria.simulator.planted.Catalogue} lists them, by the rule that each breaks.
 */
@NullMarked
package io.stria.simulator.planted;

import org.jspecify.annotations.NullMarked;
