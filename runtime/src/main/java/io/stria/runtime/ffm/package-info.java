/**
 * Every native binding of the project. Public classes say the wish, package-private ones hold the
 * method handles; nothing outside touches {@code Linker} or {@code SymbolLookup}.
 */
@NullMarked
package io.stria.runtime.ffm;

import org.jspecify.annotations.NullMarked;
