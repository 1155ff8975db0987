package io.stria.node;

import io.stria.dataplane.volume.HedgeConfig;

/**
 * Whether reads go around devices that are slower than the others. The environment variable {@value
 * #VARIABLE} switches that off for the nodes that are started with it, to see what it does.
 */
final class HedgePolicy {
    static final String VARIABLE = "STRIA_HEDGED_READS";

    private HedgePolicy() {}

    static HedgeConfig ofEnvironment() {
        return of(System.getenv().getOrDefault(VARIABLE, "on"));
    }

    /**
     * @throws IllegalArgumentException with a sentence
     */
    static HedgeConfig of(String word) {
        return switch (word) {
            case "on" -> HedgeConfig.DEFAULT;
            case "off" -> HedgeConfig.OFF;
            default ->
                    throw new IllegalArgumentException(
                            "%s is on or off, not '%s'".formatted(VARIABLE, word));
        };
    }
}
