package io.stria.control.rest;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Holds the bodies of requests against the schemas of {@code openapi.yaml}. The description is read
 * when the first body comes, since a node that starts has better use for its core. (Vert.x's own
 * reader of contracts knows no {@code application/problem+json}.) Used on the event loop.
 */
final class OpenApiCheck implements RequestCheck {
    private final byte[] description;
    private final Map<String, Validator> validators = new HashMap<>();
    private @Nullable JsonObject contract;

    /**
     * @param description the YAML; a body's schema refers to no other schema
     */
    OpenApiCheck(byte[] description) {
        this.description = description;
    }

    @Override
    public @Nullable String refusal(String path, byte[] body) {
        OutputUnit output =
                validators
                        .computeIfAbsent(path, this::validator)
                        .validate(Json.decodeValue(Buffer.buffer(body)));
        return Boolean.TRUE.equals(output.getValid()) ? null : sentence(output);
    }

    private Validator validator(String path) {
        JsonObject all = contract();
        JsonPointer pointer =
                JsonPointer.create()
                        .append("paths")
                        .append(path)
                        .append("post")
                        .append("requestBody")
                        .append("content")
                        .append("application/json")
                        .append("schema");
        JsonObject schema = (JsonObject) pointer.queryJson(all);
        String reference = schema.getString("$ref");
        if (reference != null) {
            schema = (JsonObject) JsonPointer.from(reference.substring(1)).queryJson(all);
        }
        return Validator.create(
                JsonSchema.of(schema),
                new JsonSchemaOptions()
                        .setDraft(Draft.DRAFT202012)
                        .setOutputFormat(OutputFormat.Basic)
                        .setBaseUri("urn:stria:openapi"));
    }

    private JsonObject contract() {
        JsonObject read = contract;
        if (read == null) {
            Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
            Map<String, Object> tree = yaml.load(new String(description, StandardCharsets.UTF_8));
            read = new JsonObject(tree);
            contract = read;
        }
        return read;
    }

    private static String sentence(OutputUnit output) {
        if (output.getErrors() == null || output.getErrors().isEmpty()) {
            return "the body does not fit the API's description";
        }
        OutputUnit last = output.getErrors().getLast();
        return last.getInstanceLocation() + ": " + last.getError();
    }
}
