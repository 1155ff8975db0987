package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.TestCluster;
import io.stria.control.decisions.Decision;
import io.stria.control.json.Json;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people ask for devices, over real HTTP; the test plays the owner whose pages move. */
@Timeout(300)
class DeviceRoutesTest {
    private static final UUID FOURTH = new UUID(4, 1);
    private static final UUID SECOND_OF_FOURTH = new UUID(4, 2);
    private static final UUID THIRD_OF_FOURTH = new UUID(4, 3);

    @TempDir Path directory;

    private static JsonNode post(TestCluster cluster, int status, String path, String body)
            throws Exception {
        HttpResponse<String> response = cluster.post(2, "/api/v1" + path, body);
        assertEquals(status, response.statusCode(), path + " " + response.body());
        return Json.strict().readTree(response.body());
    }

    private static JsonNode get(TestCluster cluster, String path) throws Exception {
        return Json.strict().readTree(cluster.get(2, "/api/v1" + path).body());
    }

    private static JsonNode device(TestCluster cluster, UUID id) throws Exception {
        for (JsonNode device : get(cluster, "/devices")) {
            if (device.path("id").asText().equals(id.toString())) {
                return device;
            }
        }
        return Json.strict().nullNode();
    }

    private static void awaitState(TestCluster cluster, UUID id, String state) throws Exception {
        TestCluster.await(() -> device(cluster, id).path("state").asText().equals(state));
    }

    /** All movements, one after the other. */
    private static void arrive(TestCluster cluster) throws Exception {
        TestCluster.await(() -> {
            VolumeEntry volume = cluster.plane(2).map().volumeByName("a").orElseThrow();
            if (!volume.placing().isMoving()) {
                return true;
            }
            cluster.plane(2)
                    .propose(
                            new Decision.MovePages(
                                    volume.vuid(),
                                    volume.epoch(),
                                    volume.placing().since(),
                                    volume.placing().cursor(),
                                    volume.pages(8),
                                    new java.util.TreeSet<>()),
                            result -> {});
            return false;
        });
    }

    @Test
    void devicesAreDrainedKeptAddedFailedAndReplaced() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(2);
            post(
                    cluster,
                    201,
                    "/volumes",
                    "{\"name\": \"a\", \"sizeBytes\": 1073741824, \"scheme\": \"1+2\"}");
            cluster.awaitHealthy(2);
            scrubbedOnRequest(cluster);
            drainedAndKept(cluster);
            drainedUntilEmpty(cluster);
            addedWhenItHasWaited(cluster);
            replacedByAnotherOfItsNode(cluster);
            failedWhenItsDataIsGivenUp(cluster);
            removedWhenNothingRestsOnIt(cluster);
        }
    }

    @Test
    void aNodeThatStaysAwayIsTakenForLostAfterTheTimeThatIsSet() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(2);
            post(
                    cluster,
                    201,
                    "/volumes",
                    "{\"name\": \"a\", \"sizeBytes\": 1073741824, \"scheme\": \"1+2\"}");
            assertEquals(600, get(cluster, "/settings").path("rebuildAfterSeconds").longValue());
            for (String wrong : List.of("{}", "{\"rebuildAfterSeconds\": -1}", "[]")) {
                post(cluster, 400, "/settings", wrong);
            }
            String second = "{\"rebuildAfterSeconds\": 1}";
            JsonNode set = post(cluster, 200, "/settings", second);
            assertEquals(1, set.path("rebuildAfterSeconds").longValue());
            assertEquals(set, post(cluster, 200, "/settings", second));
            assertEquals(set, get(cluster, "/settings"));
            cluster.stop(4);
            awaitState(cluster, FOURTH, "failed");
            arrive(cluster);
            awaitState(cluster, FOURTH, "removed");
        }
    }

    private static void scrubbedOnRequest(TestCluster cluster) throws Exception {
        JsonNode before = get(cluster, "/volumes/a");
        assertTrue(before.path("scrub").isNull(), before.toString());
        JsonNode taken = scrub(cluster);
        assertEquals("a", taken.path("volume").textValue());
        assertEquals(before.path("owner"), taken.path("owner"));
        assertEquals(before.path("volumeEpoch"), taken.path("volumeEpoch"));
        assertTrue(taken.path("note").textValue().contains("lost"), taken.toString());
        assertEquals(taken, scrub(cluster));
        JsonNode told =
                Json.strict()
                        .readTree(
                                """
                                {"underWay":true,"pagesDone":3,"pages":64,"passes":1,
                                 "endedSecondsAgo":9,"blocks":900,"faults":2,"repaired":1,"strays":4}
                                """);
        TestCluster.await(() -> get(cluster, "/volumes/a").path("scrub").equals(told));
        JsonNode unknown = post(cluster, 404, "/volumes/b/scrub", "{}");
        assertEquals("there is no volume b", unknown.path("detail").textValue());
        post(cluster, 400, "/volumes/a/scrub", "{\"now\": true}");
        post(cluster, 400, "/volumes/a/scrub", "");
    }

    /** Until the owner has taken it: it may be asked when it does not serve just now. */
    private static JsonNode scrub(TestCluster cluster) throws Exception {
        List<HttpResponse<String>> responses = new ArrayList<>();
        TestCluster.await(() -> {
            responses.add(cluster.post(2, "/api/v1/volumes/a/scrub", "{}"));
            return responses.getLast().statusCode() == 202;
        });
        return Json.strict().readTree(responses.getLast().body());
    }

    private static void drainedAndKept(TestCluster cluster) throws Exception {
        JsonNode drained = post(cluster, 200, "/devices/" + FOURTH + "/drain", "{}");
        assertEquals("draining", drained.at("/devices/0/state").textValue());
        JsonNode again = post(cluster, 200, "/devices/" + FOURTH + "/drain", "{}");
        assertEquals(drained, again);
        JsonNode movement = get(cluster, "/volumes/a").path("movement");
        assertEquals(0, movement.path("cursor").longValue());
        assertEquals(8192, movement.path("pages").longValue());
        assertTrue(movement.path("secondsLeft").isNull(), movement.toString());
        // One that is drained serves. The leader is asked, and not always answers in time.
        TestCluster.await(() -> {
            JsonNode status = get(cluster, "/cluster");
            return status.path("health").asText().equals("healthy")
                    && status.at("/movements/0/volume").asText().equals("a");
        });
        TestCluster.await(() -> get(cluster, "/nodes/1/ok-to-stop").path("ok").booleanValue());
        JsonNode kept = post(cluster, 200, "/nodes/4/keep", "{}");
        assertEquals("online", kept.at("/devices/0/state").textValue());
        assertEquals(kept.path("epoch"), post(cluster, 200, "/nodes/4/keep", "{}").path("epoch"));
        arrive(cluster);
        assertTrue(get(cluster, "/volumes/a").path("movement").isNull());
    }

    private static void drainedUntilEmpty(TestCluster cluster) throws Exception {
        post(cluster, 200, "/nodes/4/drain", "{}");
        arrive(cluster);
        awaitState(cluster, FOURTH, "removed");
        JsonNode again = post(cluster, 200, "/devices/" + FOURTH + "/drain", "{}");
        assertEquals("removed", again.at("/devices/0/state").textValue());
        JsonNode needed = post(cluster, 422, "/nodes/3/drain", "{}");
        assertTrue(
                needed.path("detail").textValue().startsWith("volume a needs these devices: "),
                needed.toString());
        assertEquals(3, get(cluster, "/cluster").at("/devices/total").intValue());
        post(cluster, 404, "/nodes/9/drain", "{}");
        post(cluster, 404, "/devices/" + SECOND_OF_FOURTH + "/drain", "{}");
        post(cluster, 400, "/devices/4/drain", "{}");
        post(cluster, 400, "/nodes/4/drain", "{\"now\": true}");
    }

    private static void addedWhenItHasWaited(TestCluster cluster) throws Exception {
        post(cluster, 404, "/devices/" + SECOND_OF_FOURTH + "/add", "{}");
        JsonNode drained = post(cluster, 404, "/devices/" + FOURTH + "/add", "{}");
        String why = drained.path("detail").textValue();
        assertTrue(why.endsWith("waits for another one only when node 4 has started anew"), why);
        cluster.restartWith(4, SECOND_OF_FOURTH);
        TestCluster.await(() -> {
            JsonNode device = device(cluster, SECOND_OF_FOURTH);
            return device.path("state").asText().equals("unplaced")
                    && device.path("reason").asText().contains("it waits");
        });
        JsonNode added = post(cluster, 200, "/devices/" + SECOND_OF_FOURTH + "/add", "{}");
        assertEquals(4, added.at("/devices/0/slot").intValue());
        assertEquals(added, post(cluster, 200, "/devices/" + SECOND_OF_FOURTH + "/add", "{}"));
        assertFalse(get(cluster, "/volumes/a").path("movement").isNull());
        arrive(cluster);
    }

    private static void replacedByAnotherOfItsNode(TestCluster cluster) throws Exception {
        String replace = "/devices/" + SECOND_OF_FOURTH + "/replace";
        String by = "{\"by\": \"" + THIRD_OF_FOURTH + "\"}";
        assertTrue(
                post(cluster, 409, replace, "{\"by\": \"" + THIRD_OF_FOURTH + "\"}")
                        .path("detail")
                        .textValue()
                        .contains("is there: drain it"));
        cluster.restartWith(4, THIRD_OF_FOURTH);
        awaitState(cluster, THIRD_OF_FOURTH, "unplaced");
        awaitState(cluster, SECOND_OF_FOURTH, "unavailable");
        JsonNode replaced = post(cluster, 200, replace, by);
        assertEquals(4, replaced.at("/devices/0/slot").intValue());
        assertEquals(replaced, post(cluster, 200, replace, by));
        JsonNode volume = get(cluster, "/volumes/a");
        assertEquals(4, volume.at("/behindSlots/0/slot").intValue());
        assertEquals(4, volume.at("/behindSlots/0/node").intValue());
    }

    private static void removedWhenNothingRestsOnIt(TestCluster cluster) throws Exception {
        post(cluster, 404, "/nodes/9/remove", "{}");
        post(cluster, 400, "/nodes/4/remove", "{\"now\": true}");
        assertEquals(
                "node 4 is online: stop it first, so that what it serves goes elsewhere",
                post(cluster, 409, "/nodes/4/remove", "{}").path("detail").textValue());
        assertTrue(
                post(cluster, 409, "/nodes/3/remove", "{}")
                        .path("detail")
                        .textValue()
                        .contains("is one of the voters, which do not change"));
        cluster.stop(4);
        List<JsonNode> answers = new ArrayList<>();
        TestCluster.await(() -> {
            HttpResponse<String> response = cluster.post(2, "/api/v1/nodes/4/remove", "{}");
            answers.add(Json.strict().readTree(response.body()));
            return response.statusCode() == 200;
        });
        JsonNode removed = answers.getLast();
        assertEquals(4, removed.path("node").intValue());
        assertFalse(removed.path("before").booleanValue());
        JsonNode again = post(cluster, 200, "/nodes/4/remove", "{}");
        assertTrue(again.path("before").booleanValue());
        assertEquals(removed.path("epoch"), again.path("epoch"));
        assertEquals(3, get(cluster, "/nodes").size());
        assertEquals(
                "node 4 was removed from the cluster, and no node gets its number again",
                post(cluster, 404, "/nodes/4/drain", "{}").path("detail").textValue());
        cluster.awaitHealthy(2);
        assertTrue(get(cluster, "/cluster").path("notes").isEmpty());
        assertEquals("REMOVED", get(cluster, "/map").at("/nodes/3/state").textValue());
    }

    private static void failedWhenItsDataIsGivenUp(TestCluster cluster) throws Exception {
        String fail = "/devices/" + THIRD_OF_FOURTH + "/fail";
        assertTrue(
                post(cluster, 400, fail, "{\"reason\": \"burnt\"}")
                        .path("detail")
                        .textValue()
                        .contains("given up for ever"));
        post(cluster, 400, fail, "{\"reason\": \" \", \"dataIsLost\": true}");
        String word = "{\"reason\": \"burnt\", \"dataIsLost\": true}";
        JsonNode failed = post(cluster, 200, fail, word);
        assertEquals("failed", failed.at("/devices/0/state").textValue());
        assertEquals(failed, post(cluster, 200, fail, word));
        arrive(cluster);
        awaitState(cluster, THIRD_OF_FOURTH, "removed");
        post(cluster, 200, fail, word);
        assertTrue(get(cluster, "/volumes/a").path("behind").isEmpty());
    }
}
