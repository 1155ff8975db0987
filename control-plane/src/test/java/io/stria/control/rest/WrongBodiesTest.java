package io.stria.control.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.control.decisions.DecisionCodec;
import io.stria.control.lease.MessageCodec;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of members and entries of the log that once failed far from where they came in. */
class WrongBodiesTest {
    @ParameterizedTest
    @ValueSource(strings = {"null", "[null]", "[{\"type\":\"askView\",\"requestId\":1},null]"})
    void nullIsNoMessage(String body) {
        assertThrows(IOException.class, () -> MessageCodec.decodeList(body.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0001null",
                "\u0001{\"type\":\"initCluster\",\"clusterId\":\"5e1f0c8a-3b7d-4c21-9f60-0a1b2c3d4e5f\","
                        + "\"pageShift\":8,\"secretId\":\"s\",\"nodes\":[null]}"
            })
    void nullIsNoDecision(String entry) {
        assertThrows(IOException.class, () -> DecisionCodec.decodeDecision(entry.getBytes(UTF_8)));
    }
}
