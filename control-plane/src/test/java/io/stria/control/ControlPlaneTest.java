package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.json.Json;
import io.stria.control.rest.MessageAuth;
import io.stria.control.security.ClusterSecret;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Four nodes, three of them voters, over real HTTP and real consensus. */
@Timeout(300)
class ControlPlaneTest {
    private static final long STANDSTILL_WORD_NS = 5_000_000_000L; // it holds for four seconds

    private static final String REQUEST =
            """
            {"name": "%s", "sizeBytes": 1073741824, "scheme": "%s"%s}\
            """;

    @TempDir Path directory;

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return Json.strict().readTree(response.body());
    }

    @Test
    void aClusterFormsServesVolumesAndSurvivesItsLeader() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(4);
            volumesAreMadeOnce(cluster);
            mistakesAreProblems(cluster);
            anyNodeAnswersTheSame(cluster);
            volumesAreDeleted(cluster);
            anotherNodeLeadsWhenItIsSaidToStandStill(cluster);
            anotherNodeLeads(cluster);
        }
    }

    private static void volumesAreMadeOnce(TestCluster cluster) throws Exception {
        HttpResponse<String> made =
                cluster.post(4, "/api/v1/volumes", REQUEST.formatted("a", "2+2", ""));
        assertEquals(201, made.statusCode(), made.body());
        assertEquals("node", json(made).at("/volume/tolerance").textValue());
        HttpResponse<String> again =
                cluster.post(2, "/api/v1/volumes", REQUEST.formatted("a", "2+2", ""));
        assertEquals(200, again.statusCode(), again.body());
        assertEquals(json(made).at("/volume/id"), json(again).at("/volume/id"));
        cluster.awaitHealthy(1);
        TestCluster.await(() -> {
            JsonNode volume = json(cluster.get(3, "/api/v1/volumes/a"));
            return volume.at("/survives/nodes").intValue() == 1
                    && volume.at("/survives/devices").intValue() == 2
                    && volume.at("/serving").booleanValue();
        });

        JsonNode connect = json(cluster.get(1, "/api/v1/volumes/a/connect"));
        assertEquals(3, connect.at("/paths").size());
        assertEquals("optimized", connect.at("/paths/0/ana").textValue());
        assertEquals("inaccessible", connect.at("/paths/1/ana").textValue());
        assertTrue(connect.at("/nqn").textValue().startsWith("nqn.2026-11.io.stria:"));
    }

    /** With a path that no client of the JDK would send. */
    private static String raw(int port, String path) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void mistakesAreProblems(TestCluster cluster) throws Exception {
        problem(400, cluster.post(1, "/api/v1/volumes", "{\"name\": "));
        HttpResponse<String> name =
                cluster.post(1, "/api/v1/volumes", REQUEST.formatted("A", "2+2", ""));
        problem(400, name);
        assertTrue(json(name).at("/detail").textValue().startsWith("a volume's name has"));
        String size = "{\"name\": \"b\", \"sizeBytes\": 1, \"scheme\": \"2+2\"}";
        HttpResponse<String> tiny = cluster.post(1, "/api/v1/volumes", size);
        problem(400, tiny);
        assertTrue(json(tiny).at("/detail").textValue().contains("multiple of 4 KiB, not 1 B"));
        String answer = raw(name.uri().getPort(), "/api/v1/volumes/%zz");
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        problem(400, cluster.post(1, "/api/v1/volumes", REQUEST.formatted("b", "3+2", "")));
        problem(
                400,
                cluster.post(1, "/api/v1/volumes", REQUEST.formatted("b", "2+2", ", \"x\": 1")));
        problem(409, cluster.post(1, "/api/v1/volumes", REQUEST.formatted("a", "1+2", "")));
        HttpResponse<String> infeasible =
                cluster.post(1, "/api/v1/volumes", REQUEST.formatted("b", "8+2", ""));
        problem(422, infeasible);
        assertTrue(json(infeasible).at("/detail").textValue().contains("4 devices"));
        problem(404, cluster.get(1, "/api/v1/volumes/none"));
        problem(404, cluster.get(1, "/api/v1/volumes/none/connect"));
        problem(404, cluster.delete(1, "/api/v1/volumes/none"));
        problem(404, cluster.get(1, "/nothing"));
        problem(405, cluster.delete(1, "/api/v1/nodes"));
        problem(413, cluster.post(1, "/api/v1/volumes", " ".repeat(100_000)));
        problem(401, cluster.post(1, "/internal/v1/messages", "[]"));
    }

    private static void problem(int status, HttpResponse<String> response) throws Exception {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals(
                "application/problem+json", response.headers().firstValue("Content-Type").get());
        JsonNode problem = json(response);
        assertEquals(status, problem.at("/status").intValue());
        assertTrue(problem.at("/title").isTextual());
    }

    private static void anyNodeAnswersTheSame(TestCluster cluster) throws Exception {
        JsonNode nodes = json(cluster.get(1, "/api/v1/nodes"));
        assertEquals(4, nodes.size());
        assertEquals(ProcessHandle.current().pid(), nodes.at("/3/pid").longValue());
        TestCluster.await(() -> allAreOnlineAndOneLeads(cluster));
        for (int id = 2; id <= 4; id++) {
            int asked = id;
            for (String path : List.of("/api/v1/map", "/api/v1/leader")) {
                TestCluster.await(
                        () -> json(cluster.get(1, path)).equals(json(cluster.get(asked, path))));
            }
            assertEquals(4, json(cluster.get(id, "/api/v1/devices")).size());
            assertEquals("ok\n", cluster.get(id, "/healthz").body());
        }
        TestCluster.await(
                () -> cluster.get(2, "/metrics").body().contains("stria_nodes_online 4.0"));
        assertTrue(cluster.get(1, "/api/v1/openapi.yaml").body().startsWith("openapi: 3.1"));
    }

    /** As the leader says, which now and then is not asked in time, or is another one. */
    private static boolean allAreOnlineAndOneLeads(TestCluster cluster) throws Exception {
        int online = 0;
        int leaders = 0;
        for (JsonNode node : json(cluster.get(1, "/api/v1/nodes"))) {
            online += node.at("/state").asText().equals("online") ? 1 : 0;
            leaders += node.at("/leader").booleanValue() ? 1 : 0;
        }
        return online == 4 && leaders == 1;
    }

    private static int leader(TestCluster cluster) throws Exception {
        int[] leader = {0};
        TestCluster.await(() -> {
            leader[0] = json(cluster.get(4, "/api/v1/leader")).at("/node").intValue();
            return leader[0] != 0;
        });
        return leader[0];
    }

    private static void volumesAreDeleted(TestCluster cluster) throws Exception {
        HttpResponse<String> deleted = cluster.delete(3, "/api/v1/volumes/a");
        assertEquals(202, deleted.statusCode());
        TestCluster.await(() -> cluster.get(1, "/api/v1/volumes/a").statusCode() == 404);
    }

    private static void anotherNodeLeads(TestCluster cluster) throws Exception {
        int leader = leader(cluster);
        long incarnation = cluster.plane(leader).view().incarnation();
        int other = leader == 1 ? 2 : 1;
        cluster.stop(leader);
        ClusterSecret strangers = ClusterSecret.random();
        assertEquals(401, say("attest", cluster, strangers, other, leader, incarnation));
        assertEquals(204, say("attest", cluster, cluster.secret, other, leader, incarnation));
        HttpResponse<String> made =
                cluster.post(
                        other,
                        "/api/v1/volumes",
                        REQUEST.formatted("c", "1+2", ", \"tolerance\": \"node\""));
        assertEquals(201, made.statusCode(), made.body());
        TestCluster.await(() ->
                json(cluster.get(other, "/api/v1/volumes/c")).at("/serving").booleanValue()
                        && json(cluster.get(other, "/api/v1/cluster"))
                                .at("/health")
                                .textValue()
                                .equals("degraded"));
        cluster.start(leader, false);
        TestCluster.await(() ->
                json(cluster.get(leader, "/api/v1/cluster")).at("/nodes/online").intValue() == 4);
    }

    /** It runs, and follows the other one. */
    private static void anotherNodeLeadsWhenItIsSaidToStandStill(TestCluster cluster)
            throws Exception {
        int leader = leader(cluster);
        long incarnation = cluster.plane(leader).view().incarnation();
        int first = leader == 1 ? 2 : 1;
        assertEquals(
                401,
                say("standstill", cluster, ClusterSecret.random(), first, leader, incarnation));
        long[] saidNs = {System.nanoTime() - STANDSTILL_WORD_NS};
        TestCluster.await(() -> {
            if (System.nanoTime() - saidNs[0] >= STANDSTILL_WORD_NS) { // elections may fail
                saidNs[0] = System.nanoTime();
                assertEquals(
                        204,
                        say("standstill", cluster, cluster.secret, first, leader, incarnation));
            }
            return leader(cluster) != leader;
        });
        TestCluster.await(() -> allAreOnlineAndOneLeads(cluster));
    }

    /** As a supervisor does. */
    private static int say(
            String word,
            TestCluster cluster,
            ClusterSecret secret,
            int to,
            int nodeId,
            long incarnation)
            throws Exception {
        String path = "/internal/v1/" + word;
        String body = "{\"nodeId\": %d, \"incarnation\": %d}".formatted(nodeId, incarnation);
        MessageAuth.Headers headers =
                new MessageAuth(secret, System::currentTimeMillis)
                        .sign(
                                path,
                                0,
                                to,
                                UUID.randomUUID().toString(),
                                body.getBytes(StandardCharsets.UTF_8));
        return cluster.http
                .send(
                        cluster.request(to, path)
                                .header(MessageAuth.FROM, String.valueOf(headers.from()))
                                .header(MessageAuth.TO, String.valueOf(headers.to()))
                                .header(MessageAuth.TIME, String.valueOf(headers.time()))
                                .header(MessageAuth.NONCE, String.valueOf(headers.nonce()))
                                .header(MessageAuth.BODY, String.valueOf(headers.body()))
                                .header(MessageAuth.MAC, String.valueOf(headers.mac()))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
