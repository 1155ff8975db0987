package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.control.decisions.VolumeRules;
import io.stria.control.json.Json;
import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of a POST, through what the server does with it before it asks the control thread: an
 * answer of 400 with a sentence that can be written, or a decision that says what the body said.
 */
class RestBodyFuzzTest extends FuzzTest {
    private static final OpenApiCheck CHECK = new OpenApiCheck(description());

    private static byte[] description() {
        try (InputStream in =
                RestServer.class.getClassLoader().getResourceAsStream("openapi.yaml")) {
            assert in != null;
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) {
        AllocationBound.hold(
                (8 << 20) + 2000L * input.length,
                () -> {
                    ask(input);
                    askForDevices(input);
                });
    }

    /** Whatever is read fits the description too, and the other way round. */
    private static void askForDevices(byte[] body) {
        ask(body, "drain", DeviceRequest.Plain::parse);
        DeviceRequest.Replace replace = ask(body, "replace", DeviceRequest.Replace::parse);
        assertTrue(replace == null || replace.by().toString().length() == 36);
        DeviceRequest.Fail fail = ask(body, "fail", DeviceRequest.Fail::parse);
        assertTrue(fail == null || !fail.reason().isBlank());
    }

    private static <T> @Nullable T ask(byte[] body, String word, Changes.Reader<T> reader) {
        T request;
        try {
            request = reader.read(body);
        } catch (IllegalArgumentException e) {
            refuse(String.valueOf(e.getMessage()));
            return null;
        }
        assertEquals(null, CHECK.refusal("/api/v1/devices/{id}/" + word, body));
        return request;
    }

    private static void ask(byte[] body) {
        VolumeRequest request;
        try {
            request = VolumeRequest.parse(body);
        } catch (IllegalArgumentException e) {
            refuse(String.valueOf(e.getMessage()));
            return;
        }
        String misfit = CHECK.refusal("/api/v1/volumes", body);
        if (misfit != null) {
            refuse(misfit);
            return;
        }
        var decision = request.decision();
        assertEquals(null, VolumeRules.misfit(decision.name(), decision.sizeBytes()));
        assertTrue(Set.of(1, 2, 4, 8).contains(decision.scheme().dataFragments()));
        assertEquals(decision.scheme(), Scheme.parse(decision.scheme().toString()));
    }

    private static void refuse(String detail) {
        Problem problem = Problem.badRequest(detail);
        assertEquals(400, problem.status());
        assertTrue(problem.detail().length() > 3, problem.detail());
        Json.write(problem);
    }
}
