package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.TestCluster;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

class OpenApiCheckTest {
    @TempDir Path directory;
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void bodiesThatDoNotFitAreNamed() throws IOException {
        OpenApiCheck check = new OpenApiCheck(description().getBytes(StandardCharsets.UTF_8));
        assertNull(refusal(check, "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"2+2\"}"));
        for (String bad :
                new String[] {
                    "{}",
                    "{\"name\": \"a\", \"sizeBytes\": 4097, \"scheme\": \"2+2\"}",
                    "{\"name\": \"A\", \"sizeBytes\": 4096, \"scheme\": \"2+2\"}",
                    "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"3+2\"}",
                    "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"2+2\", \"x\": 1}",
                    "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"2+2\", \"lbaBytes\": 520}",
                }) {
            assertNotNull(refusal(check, bad), bad);
        }
        String size = "{\"name\": \"a\", \"sizeBytes\": 4097, \"scheme\": \"2+2\"}";
        String sentence = String.valueOf(refusal(check, size));
        assertTrue(sentence.startsWith("#/sizeBytes: "), sentence);
    }

    @Test
    void aReasonIsAsLongAsItMayBeAndNotBlank() throws IOException {
        OpenApiCheck check = new OpenApiCheck(description().getBytes(StandardCharsets.UTF_8));
        assertNull(failRefusal(check, "x".repeat(200)));
        assertNotNull(failRefusal(check, "x".repeat(201)));
        assertNotNull(failRefusal(check, "  "));
    }

    private static @Nullable String failRefusal(OpenApiCheck check, String reason) {
        String body = "{\"reason\": \"%s\", \"dataIsLost\": true}".formatted(reason);
        return check.refusal("/api/v1/devices/{id}/fail", body.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String refusal(OpenApiCheck check, String body) {
        return check.refusal("/api/v1/volumes", body.getBytes(StandardCharsets.UTF_8));
    }

    private static String description() throws IOException {
        try (InputStream in =
                OpenApiCheck.class.getClassLoader().getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new AssertionError("openapi.yaml is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Vert.x's reader of contracts knows neither of these two media types. */
    private OpenAPIContract contract() throws Exception {
        String known =
                description()
                        .replace("application/problem+json", "application/json")
                        .replace("application/yaml", "text/plain");
        Map<String, Object> tree = new Yaml().load(known);
        return OpenAPIContract.from(vertx, new JsonObject(tree)).await(60, TimeUnit.SECONDS);
    }

    @Test
    void everyAnswerFitsTheDescription() throws Exception {
        OpenAPIContract contract = contract();
        try (TestCluster cluster = new TestCluster(directory, 3, false)) {
            cluster.startAll();
            cluster.awaitHealthy(1);
            String body = "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"1+2\"}";
            fits(contract, "createVolume", cluster.post(1, "/api/v1/volumes", body));
            fits(contract, "createVolume", cluster.post(2, "/api/v1/volumes", body));
            fits(contract, "createVolume", cluster.post(2, "/api/v1/volumes", "{}"));
            assertEquals(302, cluster.get(1, "/api/v1").statusCode());
            fits(contract, "getCluster", cluster.get(1, "/api/v1/cluster"));
            fits(contract, "listNodes", cluster.get(1, "/api/v1/nodes"));
            fits(contract, "listDevices", cluster.get(1, "/api/v1/devices"));
            fits(contract, "listVolumes", cluster.get(1, "/api/v1/volumes"));
            fits(contract, "getVolume", cluster.get(1, "/api/v1/volumes/a"));
            fits(contract, "getVolume", cluster.get(1, "/api/v1/volumes/b"));
            fits(contract, "scrubVolume", cluster.post(1, "/api/v1/volumes/a/scrub", "{}"));
            fits(contract, "scrubVolume", cluster.post(1, "/api/v1/volumes/b/scrub", "{}"));
            fits(contract, "connectVolume", cluster.get(1, "/api/v1/volumes/a/connect"));
            fits(contract, "mayStopNode", cluster.get(1, "/api/v1/nodes/2/ok-to-stop"));
            fits(contract, "mayStopNode", cluster.get(1, "/api/v1/nodes/9/ok-to-stop"));
            devicesFit(contract, cluster);
            fits(contract, "getLeader", cluster.get(1, "/api/v1/leader"));
            fits(contract, "getMap", cluster.get(1, "/api/v1/map"));
            fits(contract, "deleteVolume", cluster.delete(1, "/api/v1/volumes/a"));
            fits(contract, "deleteVolume", cluster.delete(1, "/api/v1/volumes/b"));
        }
    }

    private static void devicesFit(OpenAPIContract contract, TestCluster cluster) throws Exception {
        String device = "/api/v1/devices/00000000-0000-0003-0000-000000000001/";
        String fail = "{\"reason\": \"burnt\", \"dataIsLost\": true}";
        fits(contract, "addDevice", cluster.post(1, device + "add", "{}"));
        fits(contract, "drainDevice", cluster.post(1, device + "drain", "{}"));
        fits(contract, "drainDevice", cluster.post(1, "/api/v1/devices/3/drain", "{}"));
        fits(contract, "keepDevice", cluster.post(1, device + "keep", "{}"));
        fits(contract, "failDevice", cluster.post(1, device + "fail", fail));
        fits(contract, "failDevice", cluster.post(1, device + "fail", "{\"reason\": \"\"}"));
        fits(
                contract,
                "replaceDevice",
                cluster.post(
                        1,
                        device + "replace",
                        "{\"by\": \"00000000-0000-0003-0000-000000000002\"}"));
        fits(contract, "drainNode", cluster.post(1, "/api/v1/nodes/3/drain", "{}"));
        fits(contract, "keepNode", cluster.post(1, "/api/v1/nodes/3/keep", "{}"));
        fits(contract, "failNode", cluster.post(1, "/api/v1/nodes/3/fail", fail));
        fits(contract, "failNode", cluster.post(1, "/api/v1/nodes/4/fail", fail));
    }

    private static void fits(
            OpenAPIContract contract, String operationId, HttpResponse<String> response) {
        Operation operation = contract.operation(operationId);
        boolean problem = response.statusCode() >= 400;
        assertEquals(
                problem ? "application/problem+json" : "application/json",
                response.headers().firstValue("Content-Type").orElse("none"));
        OutputUnit output =
                contract.getSchemaRepository()
                        .validator(
                                operation
                                        .getResponse(response.statusCode())
                                        .getContent()
                                        .get("application/json")
                                        .getSchema())
                        .validate(Json.decodeValue(Buffer.buffer(response.body())));
        assertTrue(
                output.getValid(), operationId + ": " + response.body() + " " + output.getErrors());
    }
}
