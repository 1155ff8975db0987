package io.stria.control.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.VolumeRules;
import io.stria.control.json.Json;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The body that asks for a volume. */
record VolumeRequest(
        String name, long sizeBytes, Scheme scheme, Tolerance tolerance, int lbaBytes) {
    private static final Set<String> FIELDS =
            Set.of("name", "sizeBytes", "scheme", "tolerance", "lbaBytes");

    /**
     * @throws IllegalArgumentException with a sentence for who sent it
     */
    static VolumeRequest parse(byte[] body) {
        JsonNode json = tree(body);
        Set<String> unknown = new TreeSet<>();
        json.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown fields " + unknown);
        }
        JsonNode size = json.get("sizeBytes");
        if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
            throw new IllegalArgumentException("'sizeBytes' must be a whole number");
        }
        String tolerance = json.has("tolerance") ? text(json, "tolerance") : "node";
        String name = text(json, "name");
        String misfit = VolumeRules.misfit(name, size.longValue());
        if (misfit != null) {
            throw new IllegalArgumentException(misfit);
        }
        return new VolumeRequest(
                name,
                size.longValue(),
                Scheme.parse(text(json, "scheme")),
                tolerance(tolerance),
                lbaBytes(json));
    }

    private static int lbaBytes(JsonNode json) {
        JsonNode size = json.get("lbaBytes");
        if (size == null) {
            return VolumeEntry.LBA_BYTES_DEFAULT;
        }
        if (!size.isInt() || !VolumeEntry.isLbaSize(size.intValue())) {
            throw new IllegalArgumentException("'lbaBytes' must be 4096 or 512");
        }
        return size.intValue();
    }

    private static JsonNode tree(byte[] body) {
        JsonNode json;
        try {
            json = Json.strict().readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
        if (json == null || !json.isObject()) {
            throw new IllegalArgumentException("the body must be a JSON object");
        }
        return json;
    }

    private static String text(JsonNode json, String field) {
        @Nullable JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' must be a string");
        }
        return value.textValue();
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
