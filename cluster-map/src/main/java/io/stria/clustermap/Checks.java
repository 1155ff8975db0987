package io.stria.clustermap;

import java.nio.charset.StandardCharsets;

/** The checks that the records of this package share; each failure is a sentence. */
final class Checks {
    private Checks() {}

    static void range(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    what + " is " + value + ": must be from " + min + " to " + max);
        }
    }

    /** Refuses text that is too long, or that UTF-8 could not give back unchanged. */
    static void text(String what, String value, int minBytes, int maxBytes) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length < minBytes || utf8.length > maxBytes) {
            throw new IllegalArgumentException(
                    "%s has %d bytes of UTF-8: must have %d to %d"
                            .formatted(what, utf8.length, minBytes, maxBytes));
        }
        if (!new String(utf8, StandardCharsets.UTF_8).equals(value)
                || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " holds control characters or is not Unicode text");
        }
    }
}
