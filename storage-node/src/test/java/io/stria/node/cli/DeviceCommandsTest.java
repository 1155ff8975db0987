package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.Plans;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class DeviceCommandsTest {
    private static final String A = "aaaaaaaa-0000-4000-8000-000000000001";
    private static final String B = "abbbbbbb-0000-4000-8000-000000000002";
    private static final String DEVICE =
            "{\"slot\":%s,\"id\":\"%s\",\"node\":2,\"sizeBytes\":1073741824,"
                    + "\"usedBytes\":%s,\"usableBytes\":1000,\"weight\":1,"
                    + "\"state\":\"%s\",\"reason\":%s}";
    private static final String MOVING =
            "[{\"name\":\"demo\",\"state\":\"online\",\"serving\":true,\"behindSlots\":[],"
                    + "\"movement\":{\"pages\":1000,\"cursor\":421,\"percent\":42.1,"
                    + "\"bytesPerSecond\":220200960,\"secondsLeft\":%d}}]";
    private static final String STILL =
            "[{\"name\":\"demo\",\"behindSlots\":[],\"movement\":null}]";

    private RestStub rest;

    @BeforeEach
    void start() throws IOException {
        rest = new RestStub();
        rest.answers("GET /api/v1/devices", 200, list(slot(A, "online"), waiting(B)));
    }

    @AfterEach
    void stop() {
        rest.close();
    }

    private Run run(String... arguments) {
        return Run.of(
                Stream.concat(Stream.of(arguments), Stream.of("--api", rest.url()))
                        .toArray(String[]::new));
    }

    private static String slot(String id, String state) {
        return DEVICE.formatted(3, id, 250, state, "null");
    }

    private static String waiting(String id) {
        return DEVICE.formatted("null", id, "null", "unplaced", "\"it waits\"");
    }

    private static String list(String... devices) {
        return "[" + String.join(",", devices) + "]";
    }

    private void changes(String path, String... devices) {
        rest.answers("POST /api/v1" + path, 200, change(devices));
    }

    private static String change(String... devices) {
        return "{\"epoch\":9,\"devices\":%s}".formatted(list(devices));
    }

    private String lastPost() {
        return rest.asked().stream().filter(line -> line.startsWith("POST")).toList().getLast();
    }

    private static JsonNode json(Run run) throws IOException {
        assertEquals(0, run.code(), run.err());
        return Json.strict().readTree(run.out());
    }

    @Test
    void settingsAreShownAndSet() {
        rest.answers("GET /api/v1/settings", 200, "{\"rebuildAfterSeconds\":600}");
        assertTrue(run("settings").out().contains("after 10 min"), run("settings").out());
        rest.answers("POST /api/v1/settings", 200, "{\"rebuildAfterSeconds\":0}");
        assertTrue(run("settings", "--rebuild-after", "never").out().contains("never by itself"));
        assertEquals("POST /api/v1/settings {\"rebuildAfterSeconds\":0}", rest.asked().getLast());
        run("settings", "--rebuild-after", "2h");
        assertEquals(
                "POST /api/v1/settings {\"rebuildAfterSeconds\":7200}", rest.asked().getLast());
        assertEquals(2, run("settings", "--rebuild-after", "soon").code());
    }

    @Test
    void whatWaitsIsListedWithItsReason() {
        List<String> lines = run("device", "list").out().lines().toList();
        assertEquals("3     2     online    1 GiB  25.0 %  1       " + A + "  -", lines.get(1));
        assertEquals(
                "-     2     unplaced  1 GiB  -       1       " + B + "  it waits", lines.get(2));
    }

    @Test
    void aDeviceIsNamedByTheBeginningOfItsId() {
        changes("/devices/" + A + "/drain", slot(A, "draining"));
        assertEquals(0, run("device", "drain", "AA").code());
        assertEquals("POST /api/v1/devices/" + A + "/drain {}", lastPost());
        assertEquals("stria: 'a' begins the ids of 2 devices\n", run("device", "keep", "a").err());
        Run none = run("device", "keep", "ffff");
        assertEquals(1, none.code());
        assertEquals("stria: there is no device 'ffff'\n", none.err());
    }

    @Test
    void drainWaitsAndSaysHowFarItIs() throws IOException {
        changes("/devices/" + A + "/drain", slot(A, "draining"));
        rest.then("GET /api/v1/devices", list(slot(A, "draining")))
                .then("GET /api/v1/devices", list(slot(A, "draining")))
                .then("GET /api/v1/devices", list(slot(A, "removed")));
        rest.then("GET /api/v1/volumes", MOVING.formatted(40))
                .then("GET /api/v1/volumes", MOVING.formatted(39))
                .then("GET /api/v1/volumes", STILL);

        Run run = run("device", "drain", "aa", "--wait", "-o", "json");

        assertEquals("removed", json(run).at("/devices/0/state").textValue());
        assertEquals(9, json(run).path("epoch").intValue());
        assertEquals("stria: volume demo: 42.1 %, 210 MiB/s, 40 s left\n", run.err());
    }

    @Test
    void whoWaitsForADrainIsToldThatItWasTakenBack() {
        changes("/nodes/2/drain", slot(A, "draining"));
        rest.answers("GET /api/v1/devices", 200, list(slot(A, "draining")))
                .then("GET /api/v1/devices", list(slot(A, "online")));
        rest.then("GET /api/v1/volumes", MOVING.formatted(40));

        Run run = run("node", "drain", "2", "--wait");

        assertEquals(1, run.code());
        assertTrue(run.err().endsWith("stria: device " + A + " is kept\n"), run.err());
    }

    @Test
    @Timeout(20)
    void aDeviceThatComesBackIsWaitedForInItsNewSlotAlone() throws IOException {
        changes("/devices/" + B + "/add", slot(B, "removed"), slot(B, "online"));
        rest.then("GET /api/v1/devices", list(slot(B, "removed"), slot(B, "online")));
        rest.then("GET /api/v1/volumes", MOVING.formatted(5)).then("GET /api/v1/volumes", STILL);

        Run run = run("device", "add", B, "--wait", "-o", "json");

        assertEquals(2, json(run).path("devices").size());
        assertEquals("stria: volume demo: 42.1 %, 210 MiB/s, 5 s left\n", run.err());
    }

    @Test
    void allThatWaitAreAddedAndWaitedFor() throws IOException {
        changes("/devices/" + B + "/add", slot(B, "online"));
        rest.then("GET /api/v1/devices", list(slot(B, "online")));
        rest.then("GET /api/v1/volumes", MOVING.formatted(7600)).then("GET /api/v1/volumes", STILL);

        Run run = run("device", "add", "--all", "--wait", "-o", "json");

        assertEquals(1, json(run).path("devices").size());
        assertTrue(run.err().contains("2 h 6 min left"), run.err());
        assertEquals("POST /api/v1/devices/" + B + "/add {}", lastPost());
        assertEquals(2, run("device", "add").code());
        assertEquals(2, run("device", "add", "--all", "ab").code());
    }

    /** It can have a slot only when what it held is elsewhere, and the others need not wait. */
    @Test
    void oneWhoseSlotIsBeingRebuiltIsNotAmongThem() throws IOException {
        changes("/devices/" + B + "/add", slot(B, "online"));
        rest.then("GET /api/v1/devices", list(slot(A, "failed"), waiting(A), waiting(B)));

        Run run = run("device", "add", "--all", "-o", "json");

        assertEquals(1, json(run).path("devices").size());
        assertEquals("POST /api/v1/devices/" + B + "/add {}", lastPost());
    }

    @Test
    void dataIsGivenUpOnlyByAnExplicitWord() {
        changes("/devices/" + A + "/fail", slot(A, "failed"));
        changes("/nodes/2/fail", slot(A, "failed"));
        Run unsure = run("device", "fail", "aa", "--reason", "burnt");
        assertEquals(2, unsure.code());
        assertTrue(unsure.err().contains("confirm with --data-is-lost"), unsure.err());
        assertEquals(List.of(), rest.asked());
        assertEquals(2, run("node", "fail", "2", "--data-is-lost").code());

        assertEquals(0, run("device", "fail", "aa", "--reason", "burnt", "--data-is-lost").code());
        assertTrue(lastPost().startsWith("POST /api/v1/devices/" + A + "/fail {"), lastPost());
        assertTrue(lastPost().contains("\"dataIsLost\":true"), lastPost());
        assertEquals(0, run("node", "fail", "2", "--reason", "burnt", "--data-is-lost").code());
        assertTrue(lastPost().contains("\"reason\":\"burnt\""), lastPost());
    }

    @Test
    void aLostDeviceIsReplacedAndFilled() {
        changes("/devices/" + A + "/replace", slot(B, "syncing"));
        rest.then("GET /api/v1/devices", list(slot(A, "unavailable"), waiting(B)))
                .then("GET /api/v1/devices", list(slot(B, "syncing")))
                .then("GET /api/v1/devices", list(slot(B, "online")));
        rest.then(
                        "GET /api/v1/volumes",
                        "[{\"name\":\"demo\",\"behindSlots\":[{\"slot\":3,\"node\":2}],"
                                + "\"movement\":null}]")
                .then("GET /api/v1/volumes", STILL);

        Run run = run("device", "replace", "aa", "--by", "ab", "--wait");

        assertEquals(0, run.code(), run.err());
        assertEquals("POST /api/v1/devices/" + A + "/replace {\"by\":\"" + B + "\"}", lastPost());
        assertEquals("stria: volume demo: slot 3 on node 2 behind\n", run.err());
        assertTrue(run.out().contains("online"), run.out());
    }

    @Test
    void aMomentWithoutALeaderIsWaitedFor() {
        rest.answers("POST /api/v1/nodes/2/drain", 503, "{\"detail\":\"ask again\"}")
                .then("POST /api/v1/nodes/2/drain", change(slot(A, "draining")));
        Run run = run("node", "drain", "2");
        assertEquals(0, run.code(), run.err());
        assertEquals(2, rest.asked().size());
    }

    @Test
    void aNodeWithoutDevicesHasNothingToDrain() throws IOException {
        changes("/nodes/2/drain");
        changes("/nodes/2/keep");
        assertEquals("there was nothing to change\n", run("node", "drain", "2", "--wait").out());
        assertEquals(0, json(run("node", "keep", "2", "-o", "json")).path("devices").size());
    }

    @Test
    void aNodeIsRemovedAndRemovedAgain() throws IOException {
        rest.answers(
                        "POST /api/v1/nodes/6/remove",
                        200,
                        "{\"epoch\":9,\"node\":6,\"before\":false}")
                .then("POST /api/v1/nodes/6/remove", "{\"epoch\":9,\"node\":6,\"before\":true}");
        Run first = run("node", "remove", "6");
        assertEquals(0, first.code(), first.err());
        assertTrue(first.out().startsWith("node 6 is removed; "), first.out());
        assertTrue(first.out().contains("repeat this with --dir"), first.out());
        Run again = run("node", "remove", "6");
        assertTrue(again.out().startsWith("node 6 was removed before; "), again.out());
        assertTrue(json(run("node", "remove", "6", "-o", "json")).path("before").booleanValue());
        rest.answers("POST /api/v1/nodes/3/remove", 409, "{\"detail\":\"node 3 is online\"}");
        Run refused = run("node", "remove", "3");
        assertEquals(1, refused.code());
        assertEquals("stria: node 3 is online\n", refused.err());
    }

    /** Its own nodes are down, and another cluster has their ports by now. */
    @Test
    void noNodeIsRemovedFromAnotherClusterThanTheOneThatForgetsIt(@TempDir Path parent)
            throws IOException {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.together(3));
        ClusterFile made = withNodesAt(directory, URI.create(rest.url()).getPort());
        String other = "bbbbbbbb-0000-4000-8000-00000000000b";
        rest.answers("POST /api/v1/nodes/3/remove", 200, "{\"epoch\":9,\"before\":false}");
        rest.answers("GET /api/v1/map", 200, map(other));
        Run refused = Run.of("node", "remove", "3", "--dir", directory.path().toString());
        assertEquals(1, refused.code());
        assertEquals(
                "stria: %s is of cluster %s, and where its nodes are to be cluster %s answers: nothing was changed\n"
                        .formatted(directory.path(), made.clusterId(), other),
                refused.err());
        assertEquals(List.of("GET /api/v1/map"), rest.asked());
        assertEquals(made, directory.read());

        rest.answers("GET /api/v1/map", 200, map(made.clusterId().toString()));
        Run run = Run.of("node", "remove", "3", "--dir", directory.path().toString());
        assertEquals(0, run.code(), run.err());
        assertEquals(List.of(3), directory.read().removed());
    }

    private static String map(String clusterId) {
        return "{\"clusterId\":\"%s\"}".formatted(clusterId);
    }

    /** All of them, as a cluster of which nobody else answers. */
    private static ClusterFile withNodesAt(ClusterDirectory directory, int apiPort)
            throws IOException {
        ClusterFile file = directory.read();
        for (ClusterNode node : file.nodes()) {
            file =
                    file.withNode(
                            new ClusterNode(
                                    node.id(),
                                    node.address(),
                                    node.dataPort(),
                                    apiPort,
                                    node.consensusPort(),
                                    node.hazelcastPort(),
                                    node.zone(),
                                    node.rack(),
                                    node.voter(),
                                    node.devices()));
        }
        Files.write(directory.clusterFile(), Json.write(file));
        return file;
    }

    @Test
    void whetherANodeMayBeStoppedIsAnExitStatus() throws IOException {
        rest.answers(
                "GET /api/v1/nodes/2/ok-to-stop",
                200,
                "{\"node\":2,\"ok\":true,\"reason\":\"all stay\",\"volumes\":[{\"name\":\"demo\","
                        + "\"ok\":true,\"problem\":null,\"survives\":{\"nodes\":1,\"devices\":1}}]}");
        rest.answers(
                "GET /api/v1/nodes/3/ok-to-stop",
                200,
                "{\"node\":3,\"ok\":false,\"reason\":\"volume demo would wait\",\"volumes\":[]}");

        Run yes = run("node", "ok-to-stop", "2");
        assertEquals(0, yes.code());
        assertTrue(yes.out().startsWith("yes: all stay\n"), yes.out());
        assertTrue(yes.out().contains("demo    yes    any one node\n"), yes.out());
        Run no = run("node", "ok-to-stop", "3");
        assertEquals(1, no.code());
        assertEquals("no: volume demo would wait\n", no.out());
        assertTrue(json(run("node", "ok-to-stop", "2", "-o", "json")).path("ok").booleanValue());
        assertEquals(1, run("node", "ok-to-stop", "9").code());
    }

    @Test
    void statusAndListsShowWhatMoves() {
        rest.answers("GET /api/v1/volumes", 200, MOVING.formatted(150));
        List<String> lines = run("volume", "list").out().lines().toList();
        assertTrue(lines.get(1).endsWith("42.1 %, 210 MiB/s, 2 min left"), lines.get(1));
        rest.answers(
                "GET /api/v1/cluster",
                200,
                "{\"health\":\"healthy\",\"problems\":[],\"movements\":[{\"volume\":\"demo\","
                        + "\"movement\":{\"percent\":0,\"bytesPerSecond\":null,"
                        + "\"secondsLeft\":null}}]}");
        Run status = run("status");
        assertEquals(0, status.code());
        assertTrue(status.out().contains("\nvolume demo moves: 0.0 %\n"), status.out());
    }
}
