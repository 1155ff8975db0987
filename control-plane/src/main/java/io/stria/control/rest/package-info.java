/** HTTP: for people and programs under /api/v1, between members under /internal/v1. */
@NullMarked
package io.stria.control.rest;

import org.jspecify.annotations.NullMarked;
