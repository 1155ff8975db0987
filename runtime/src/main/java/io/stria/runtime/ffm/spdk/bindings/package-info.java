/** Declarations of SPDK, made by jextract: see {@code bin/spdk-bindings}. Nobody edits them. */
package io.stria.runtime.ffm.spdk.bindings;
