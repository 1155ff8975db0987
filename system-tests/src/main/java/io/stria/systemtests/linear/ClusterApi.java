package io.stria.systemtests.linear;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** REST of a cluster some of whose nodes do not answer. */
final class ClusterApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final List<String> nodes;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /**
     * @param nodes URLs without a path
     */
    ClusterApi(List<String> nodes) {
        this.nodes = nodes;
    }

    /** The first answer; something missing where nobody answers. */
    private JsonNode ask(String path, HttpRequest.Builder request) throws InterruptedException {
        for (String node : nodes) {
            try {
                var answer =
                        client.send(
                                request.uri(URI.create(node + "/api/v1" + path))
                                        .timeout(PATIENCE)
                                        .build(),
                                BodyHandlers.ofString());
                if (answer.statusCode() / 100 == 2) {
                    return JSON.readTree(answer.body());
                }
            } catch (IOException e) {
                // It is down, frozen or cut off: the next one may know.
            }
        }
        return MissingNode.getInstance();
    }

    /** Asks until the answer is as it should be; what was last said is in the exception. */
    JsonNode await(String path, Predicate<JsonNode> enough, Duration limit)
            throws InterruptedException {
        return await(path, HttpRequest.newBuilder().GET(), enough, limit);
    }

    /** Posts until somebody has taken it: an answer may get lost, so may a leader. */
    void insist(String path, String body, Duration limit) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body));
        await(path, request, answer -> true, limit);
    }

    private JsonNode await(
            String path, HttpRequest.Builder request, Predicate<JsonNode> enough, Duration limit)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            JsonNode answer = ask(path, request);
            if (!answer.isMissingNode() && enough.test(answer)) {
                return answer;
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(
                        "%s after %d s: %s".formatted(path, limit.toSeconds(), answer));
            }
            Thread.sleep(200);
        }
    }
}
