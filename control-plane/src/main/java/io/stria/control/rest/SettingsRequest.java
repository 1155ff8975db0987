package io.stria.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.decisions.Decision;
import java.util.Set;

/** A body that sets something for the whole cluster. */
record SettingsRequest(long rebuildAfterSeconds) {
    private static final String REBUILD_AFTER = "rebuildAfterSeconds";

    /**
     * @throws IllegalArgumentException with a sentence for who sent it
     */
    static SettingsRequest parse(byte[] body) {
        JsonNode seconds = JsonFields.parse(body, Set.of(REBUILD_AFTER)).get(REBUILD_AFTER);
        if (seconds == null
                || !seconds.isIntegralNumber()
                || !seconds.canConvertToLong()
                || seconds.longValue() < 0
                || seconds.longValue() > Decision.SetRebuildAfter.SECONDS_MAX) {
            throw new IllegalArgumentException(
                    "'%s' must be 0 (never) to %d seconds"
                            .formatted(REBUILD_AFTER, Decision.SetRebuildAfter.SECONDS_MAX));
        }
        return new SettingsRequest(seconds.longValue());
    }
}
