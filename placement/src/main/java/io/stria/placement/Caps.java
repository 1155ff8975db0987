package io.stria.placement;

/** The most chunks of one page that a zone, a rack and a node take. */
record Caps(int zone, int rack, int node) {}
