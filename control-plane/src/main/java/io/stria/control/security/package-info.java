/** What members of one cluster share, and how they show it to each other. */
@NullMarked
package io.stria.control.security;

import org.jspecify.annotations.NullMarked;
