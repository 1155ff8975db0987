package io.stria.runtime;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 8 GiB}, {@code 512M}, {@code 4096}; all units are binary. */
public final class Sizes {
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,18}) ?(?:([KMGTP])(?:i?B)?|B)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGTP";

    private Sizes() {}

    /**
     * @throws IllegalArgumentException with a sentence
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (matcher.matches()) {
            String unit = matcher.group(2);
            int power = unit == null ? 0 : UNITS.indexOf(unit.toUpperCase(Locale.ROOT)) + 1;
            try {
                return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << 10 * power);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException("'" + text + "' is too large a size", e);
            }
        }
        throw new IllegalArgumentException(
                "'%s' is no size: write a whole number with K, M, G, T or P, such as 8G"
                        .formatted(text));
    }

    /** The same with the number of bytes where that would be rounded. */
    public static String exact(long bytes) {
        String rounded = format(bytes);
        long unit = 1L << 10 * power(bytes);
        boolean isRounded = bytes % unit * 10 % unit != 0;
        return isRounded ? "%s (%d bytes)".formatted(rounded, bytes) : rounded;
    }

    /** Of the largest unit, a power of 1024, that leaves at least one. */
    private static int power(long bytes) {
        int power = 0;
        while (power < UNITS.length() && bytes >> 10 * (power + 1) > 0) {
            power++;
        }
        return power;
    }

    /** With the largest unit that leaves at least one, and at most one decimal. */
    public static String format(long bytes) {
        int power = power(bytes);
        if (power == 0) {
            return bytes + " B";
        }
        String number = String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 10 * power));
        return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number)
                + " "
                + UNITS.charAt(power - 1)
                + "iB";
    }
}
