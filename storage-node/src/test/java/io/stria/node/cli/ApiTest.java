package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ApiTest {
    private static final String CLUSTER = "GET /api/v1/cluster";

    private RestStub first;
    private RestStub second;

    @BeforeEach
    void start() throws IOException {
        first = new RestStub();
        second = new RestStub();
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    private Api api() {
        return new Api(List.of(first.url(), second.url()), "the cluster");
    }

    private String leader() {
        return Views.text(api().getFirst("/cluster", Views::knowsLeader), "leader");
    }

    @Test
    void aNodeThatKnowsNoLeaderIsAskedOnlyWhenNoneDoes() {
        first.answers(CLUSTER, 200, "{\"id\":\"first\",\"leader\":null}");
        second.answers(CLUSTER, 200, "{\"id\":\"second\",\"leader\":2}");
        assertEquals("2", leader());

        second.answers(CLUSTER, 200, "{\"id\":\"second\",\"leader\":null}");
        assertEquals("first", Views.text(api().getFirst("/cluster", Views::knowsLeader), "id"));

        first.close();
        second.answers(CLUSTER, 200, "{\"id\":\"second\",\"leader\":5}");
        assertEquals("5", leader());
        second.close();
        assertThrows(ApiException.class, this::leader);
    }

    @Test
    void aClusterThatNobodyNamedIsOnlyLookedAt() {
        first.answers(CLUSTER, 200, "{\"id\":\"c\"}");
        Api guessed = api().readingOnly();
        assertEquals("c", Views.text(guessed.get("/cluster"), "id"));
        for (Runnable change :
                List.<Runnable>of(
                        () -> guessed.delete("/volumes/a"),
                        () -> guessed.withTimeout(1000).post("/volumes", Map.of()))) {
            ClusterException refused = assertThrows(ClusterException.class, change::run);
            assertTrue(refused.getMessage().contains("--dir"), refused.getMessage());
        }
        assertEquals(List.of(CLUSTER), first.asked());
    }
}
