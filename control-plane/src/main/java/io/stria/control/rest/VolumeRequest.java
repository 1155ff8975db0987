package io.stria.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.VolumeRules;
import java.util.Set;
import java.util.UUID;

/** The body that asks for a volume. */
record VolumeRequest(
        String name, long sizeBytes, Scheme scheme, Tolerance tolerance, int lbaBytes) {
    private static final Set<String> FIELDS =
            Set.of("name", "sizeBytes", "scheme", "tolerance", "lbaBytes");

    /**
     * @throws IllegalArgumentException with a sentence for who sent it
     */
    static VolumeRequest parse(byte[] body) {
        JsonFields json = JsonFields.parse(body, FIELDS);
        JsonNode size = json.get("sizeBytes");
        if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
            throw new IllegalArgumentException("'sizeBytes' must be a whole number");
        }
        String tolerance = json.has("tolerance") ? json.text("tolerance") : "node";
        String name = json.text("name");
        String misfit = VolumeRules.misfit(name, size.longValue());
        if (misfit != null) {
            throw new IllegalArgumentException(misfit);
        }
        return new VolumeRequest(
                name,
                size.longValue(),
                Scheme.parse(json.text("scheme")),
                tolerance(tolerance),
                lbaBytes(json));
    }

    private static int lbaBytes(JsonFields json) {
        JsonNode size = json.get("lbaBytes");
        if (size == null) {
            return VolumeEntry.LBA_BYTES_DEFAULT;
        }
        if (!size.isInt() || !VolumeEntry.isLbaSize(size.intValue())) {
            throw new IllegalArgumentException("'lbaBytes' must be 4096 or 512");
        }
        return size.intValue();
    }

    private static Tolerance tolerance(String word) {
        return switch (word) {
            case "node" -> Tolerance.NODE;
            case "device" -> Tolerance.DEVICE;
            default ->
                    throw new IllegalArgumentException(
                            "'tolerance' must be \"node\" or \"device\", not \"" + word + "\"");
        };
    }

    Decision.CreateVolume decision() {
        return new Decision.CreateVolume(
                UUID.randomUUID(), name, sizeBytes, scheme, tolerance, lbaBytes);
    }
}
