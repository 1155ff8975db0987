package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.json.Json;
import io.stria.node.cluster.Plans;
import io.stria.node.metrics.Scrape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, started and stopped by the command line as a person does it. */
final class LiveClusterTest {
    private static final int NODES = 3;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long LOOK_MS = 200;

    @TempDir private Path parent;

    private Path directory() {
        return parent.resolve("cluster");
    }

    /** Of the cluster of this test. */
    private Run run(String... arguments) {
        return Run.of(
                Stream.concat(Stream.of(arguments), Stream.of("--dir", directory().toString()))
                        .toArray(String[]::new));
    }

    private Run up() {
        return run("up", "--detach", "-o", "json");
    }

    private Run makeAndUp() {
        return run(
                "up",
                "--detach",
                "--nodes",
                Integer.toString(NODES),
                "--scheme",
                "1+2",
                "--device-size",
                "256M",
                "--port-base",
                Integer.toString(Plans.freePorts(NODES + 1)), // one is added
                "-o",
                "json");
    }

    private static JsonNode json(Run run) throws IOException {
        assertEquals(0, run.code(), run.err());
        return Json.strict().readTree(run.out());
    }

    private JsonNode node(int id) throws IOException {
        return json(run("node", "list", "-o", "json")).get(id - 1);
    }

    private void awaitStatus(int code, String text) throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        Run run = run("status");
        while ((run.code() != code || !run.out().contains(text))
                && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(LOOK_MS);
            run = run("status");
        }
        assertEquals(code, run.code(), run.out() + run.err());
        assertTrue(run.out().contains(text), run.out() + run.err());
    }

    /** Of a node that runs: what is scraped, what is written of it and what promtool thinks. */
    private void metricsAreAsTheirTableSays() throws IOException, InterruptedException {
        JsonNode node = node(1);
        String api = node.path("address").asText() + ":" + node.path("apiPort").asInt();
        Scrape scrape = Scrape.of(api);
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        while (!(scrape.mentions("volume=\"demo\"")
                        && scrape.mentions("device=\"")
                        && scrape.mentions("stria_nodes_online 3.0"))
                && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(LOOK_MS);
            scrape = Scrape.of(api);
        }
        scrape.assertNamed();
        scrape.assertAsDocumented();
        assertEquals(NODES, scrape.value("stria_nodes_online"));
        assertTrue(scrape.value("stria_reactor_loops_total{reactor=\"reactor-0\"}") > 0);
        if (Scrape.hasPromtool()) {
            assertEquals("", Scrape.promtool(scrape.text(), "check", "metrics"));
        } else {
            System.out.println("promtool is not installed: its check of the metrics is skipped");
        }
    }

    /** Long before the owner would begin one by itself. */
    private void aScrubIsAskedForAndEnds() throws IOException, InterruptedException {
        int epoch = askForAScrub();
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        JsonNode volume = volume();
        while (volume.at("/scrub/passes").asLong() == 0 && System.nanoTime() - deadlineNs < 0) {
            if (volume.path("volumeEpoch").asInt() > epoch) {
                epoch = askForAScrub(); // the request is lost with the owner
            }
            Thread.sleep(LOOK_MS);
            volume = volume();
        }
        JsonNode scrub = volume.path("scrub");
        assertEquals(1, scrub.path("passes").asLong(), scrub.toString());
        assertFalse(scrub.path("underWay").asBoolean(), scrub.toString());
        assertTrue(scrub.path("pages").asLong() > 0, scrub.toString());
        assertEquals(0, scrub.path("faults").asLong(), scrub.toString());
    }

    /** Returns the volume's epoch whose owner it was. */
    private int askForAScrub() throws IOException {
        return json(run("volume", "scrub", "demo", "-o", "json")).path("volumeEpoch").asInt();
    }

    private JsonNode volume() throws IOException {
        return json(run("volume", "show", "demo", "-o", "json"));
    }

    /** Both devices of node 3 come back empty, and are filled by the volume's owner. */
    private void aWipedNodeRejoins() throws IOException, InterruptedException {
        JsonNode check = json(run("node", "ok-to-stop", "3", "-o", "json"));
        assertEquals(1, check.at("/volumes/0/survives/devices").intValue());
        assertEquals(0, run("node", "stop", "3").code());
        for (int i = 1; i <= 2; i++) {
            Path device = directory().resolve("node-3").resolve("device-" + i);
            long bytes = Files.size(device);
            Files.delete(device);
            if (i == 1) {
                try (RandomAccessFile blank = new RandomAccessFile(device.toFile(), "rw")) {
                    blank.setLength(bytes);
                }
            }
        }
        awaitStatus(1, "node 3 is offline");
        assertEquals(1, run("node", "ok-to-stop", "2").code());
        Run rejoin = run("node", "rejoin", "3", "--wait", "-o", "json");
        JsonNode devices = json(rejoin).path("devices");
        assertEquals(2, devices.size(), rejoin.err());
        for (JsonNode device : devices) {
            assertEquals("online", device.path("state").asText());
        }
        assertTrue(rejoin.err().contains("takes slot"), rejoin.err());
        awaitStatus(0, "is healthy");
        assertEquals(0, json(run("node", "rejoin", "3", "-o", "json")).path("devices").size());
    }

    /** With one device, which gets its share of the volume's chunks and gives it back. */
    private void aNodeIsAddedAndDrained() throws IOException, InterruptedException {
        Run added = run("node", "add", "--devices", "1", "--wait", "-o", "json");
        assertEquals("online", json(added).at("/devices/0/state").asText(), added.err());
        assertEquals("online", node(NODES + 1).path("state").asText());
        awaitStatus(0, "is healthy");
        String id = Integer.toString(NODES + 1);
        Run drained = run("node", "drain", id, "--wait", "-o", "json");
        assertEquals("removed", json(drained).at("/devices/0/state").asText(), drained.err());
        assertEquals(0, run("node", "ok-to-stop", id).code());
        assertEquals(0, run("node", "stop", id).code());
        awaitStatus(0, "node " + id + " is offline, and nothing rests on it");
        assertEquals(0, run("node", "start", id).code());
        awaitStatus(0, "a device of nodes [" + id + "] without a slot");
        awaitStatus(0, " used (");
        theNodeIsRemoved(id);
    }

    /** Its process is told when it comes back, although the cluster's file names it. */
    private void theNodeIsRemoved(String id) throws IOException, InterruptedException {
        Run early = run("node", "remove", id);
        assertEquals(1, early.code());
        assertTrue(early.err().contains("is online: stop it first"), early.err());
        assertEquals(0, run("node", "stop", id).code());
        awaitStatus(0, "node " + id + " is offline, and nothing rests on it");
        String api = "http://%s:%d".formatted(node(1).path("address").asText(), apiPort(1));
        JsonNode removed = json(Run.of("node", "remove", id, "-o", "json", "--api", api));
        assertFalse(removed.path("before").asBoolean());
        Run start = run("node", "start", id);
        assertEquals(1, start.code());
        assertTrue(start.err().contains("was removed from the cluster"), start.err());
        assertTrue(json(run("node", "remove", id, "-o", "json")).path("before").asBoolean());
        assertTrue(run("node", "start", id).err().contains("was removed from the cluster"));
        assertEquals(NODES, json(run("node", "list", "-o", "json")).size());
        awaitStatus(0, "is healthy");
        assertFalse(run("status").out().contains("node " + id));
    }

    private int apiPort(int id) throws IOException {
        return node(id).path("apiPort").asInt();
    }

    /** A refused one too, whose reason the command prints. */
    private void changesStandInTheLogOfTheNodeThatWasAsked() throws IOException {
        Run tooLarge = run("volume", "create", "large", "--size", "100TiB", "--scheme", "1+2");
        assertEquals(1, tooLarge.code(), tooLarge.out());
        String reason =
                "with 1+2 a volume has at most 85.3 TiB (93824992149504 bytes) in this cluster, not 100 TiB";
        assertTrue(tooLarge.err().contains(reason), tooLarge.err());
        List<String> said = new ArrayList<>();
        for (int node = 1; node <= NODES; node++) {
            Path log = directory().resolve("node-" + node).resolve("node.log");
            Files.readAllLines(log).stream()
                    .filter(line -> line.contains(" audit: POST /api/v1/volumes from "))
                    .filter(line -> line.contains("name=large, ") && line.contains(reason))
                    .forEach(said::add);
        }
        assertEquals(1, said.size(), said::toString);
    }

    @AfterEach
    void stop() {
        run("down");
    }

    @Test
    void aClusterIsMadeKilledInPartAndStartedAgain() throws IOException, InterruptedException {
        JsonNode first = json(makeAndUp());
        String nqn = first.path("volumes").path(0).path("nqn").asText();
        assertEquals("demo", first.path("volumes").path(0).path("name").asText());
        assertEquals(NODES, first.path("volumes").path(0).path("paths").size());
        awaitStatus(0, "is healthy");
        metricsAreAsTheirTableSays();
        aScrubIsAskedForAndEnds();
        changesStandInTheLogOfTheNodeThatWasAsked();

        Run second = up();
        assertEquals(1, second.code());
        assertTrue(second.err().contains("runs already"), second.err());

        long killed = node(2).path("pid").asLong();
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        awaitStatus(1, "node 2 is offline");

        assertEquals(0, run("node", "start", "2").code());
        awaitStatus(0, "is healthy");
        assertTrue(node(2).path("pid").asLong() != killed, "another process");

        aWipedNodeRejoins();
        aNodeIsAddedAndDrained();
        assertEquals(0, run("down").code());
        assertEquals(3, run("status").code());

        Run upAgain = run("up", "--detach", "--scheme", "2+2", "-o", "json");
        assertTrue(upAgain.err().contains("note: --scheme"), upAgain.err());
        JsonNode again = json(upAgain);
        assertEquals(nqn, again.path("volumes").path(0).path("nqn").asText());
        assertEquals(1, again.path("volumes").size());
    }

    /** It was stopped as a whole, and could not be started any more, although two nodes serve. */
    @Test
    void aNodeThatEndsAtOnceDoesNotStopTheOthers() throws IOException, InterruptedException {
        json(makeAndUp());
        assertEquals(0, run("down").code());
        for (int i = 1; i <= 2; i++) {
            Path device = directory().resolve("node-3").resolve("device-" + i);
            try (RandomAccessFile damaged = new RandomAccessFile(device.toFile(), "rw")) {
                damaged.write(new byte[64 << 10]);
            }
        }
        Run up = up();
        assertEquals(1, up.code(), up.out());
        assertTrue(up.err().contains("node 3 ended"), up.err());
        String failure = Json.strict().readTree(up.out()).path("failure").asText();
        assertTrue(failure.contains("node 3 ended") && failure.contains("runs on"), up.out());
        assertTrue(up.err().contains("runs on"), up.err());
        awaitStatus(1, "node 3 is offline");
        awaitStatus(1, "volumes 1 of 1 online");
    }
}
