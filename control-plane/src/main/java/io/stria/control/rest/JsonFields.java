package io.stria.control.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.json.Json;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request field by field; what is wrong is an {@link IllegalArgumentException}
 * with a sentence for who sent it.
 */
final class JsonFields {
    private final JsonNode json;

    private JsonFields(JsonNode json) {
        this.json = json;
    }

    /**
     * @param fields that there may be, and no others
     */
    static JsonFields parse(byte[] body, Set<String> fields) {
        JsonNode json = tree(body);
        Set<String> unknown = new TreeSet<>();
        json.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(fields);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown fields " + unknown);
        }
        return new JsonFields(json);
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

    boolean has(String field) {
        return json.has(field);
    }

    @Nullable JsonNode get(String field) {
        return json.get(field);
    }

    String text(String field) {
        JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' must be a string");
        }
        return value.textValue();
    }
}
