package io.stria.systemtests.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;

/** A report of a program on the host; what is absent counts as 0 or empty. */
record Json(JsonNode node) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Parses the object in {@code text}, ignoring lines before it. */
    static Json parse(String text) {
        try {
            return new Json(MAPPER.readTree(text.substring(Math.max(0, text.indexOf('{')))));
        } catch (JsonProcessingException e) {
            throw new HostException("not JSON: " + text, e);
        }
    }

    Json at(String name) {
        return new Json(node.path(name));
    }

    Json at(int index) {
        return new Json(node.path(index));
    }

    long number(String name) {
        return node.path(name).asLong();
    }

    double decimal(String name) {
        return node.path(name).asDouble();
    }

    List<String> names() {
        return node.propertyStream().map(Map.Entry::getKey).toList();
    }

    List<String> strings() {
        return node.valueStream().map(JsonNode::asText).toList();
    }
}
