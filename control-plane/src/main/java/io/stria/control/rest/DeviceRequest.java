package io.stria.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.UUID;

/** Bodies that ask for something to be done with devices. */
final class DeviceRequest {
    private static final int REASON_MAX = 200;

    private DeviceRequest() {}

    /** A command that says all by its path. */
    record Plain() {
        static Plain parse(byte[] body) {
            JsonFields.parse(body, Set.of());
            return new Plain();
        }
    }

    /** What only these devices hold is given up, so whoever asks says so. */
    record Fail(String reason) {
        static Fail parse(byte[] body) {
            JsonFields json = JsonFields.parse(body, Set.of("reason", "dataIsLost"));
            String reason = json.text("reason").strip();
            if (reason.isEmpty() || reason.length() > REASON_MAX) {
                throw new IllegalArgumentException(
                        "'reason' must have 1 to " + REASON_MAX + " characters");
            }
            JsonNode confirmed = json.get("dataIsLost");
            if (confirmed == null || !confirmed.isBoolean() || !confirmed.booleanValue()) {
                throw new IllegalArgumentException(
                        "'dataIsLost' must be true: whatever these devices hold is given up for"
                                + " ever");
            }
            return new Fail(reason);
        }
    }

    /** Which device takes the place. */
    record Replace(UUID by) {
        static Replace parse(byte[] body) {
            return new Replace(id(JsonFields.parse(body, Set.of("by")).text("by")));
        }
    }

    /**
     * @throws IllegalArgumentException with a sentence for who sent it
     */
    static UUID id(String text) {
        // UUID's own reader takes shortened ones for others.
        if (!text.matches("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}")) {
            throw new IllegalArgumentException("'" + text + "' is no id of a device");
        }
        return UUID.fromString(text);
    }
}
