package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.Ports;
import io.stria.node.spdk.SpdkScribe;
import io.stria.node.supervise.NodeCommand;
import io.stria.node.supervise.SpdkProcess;
import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster whose node drives its devices through SPDK. They are NVMe/TCP namespaces of this test's
 * process. Skipped, with the reason, where there is no SPDK.
 */
final class SpdkClusterTest {
    private static final int DEVICES = 3;
    private static final long LIMIT_S = 120;

    @TempDir private Path parent;
    private LoopbackDevices devices;

    @BeforeEach
    void makeDevices() throws IOException {
        String refusal = SpdkFiles.find(System.getenv()).refusal();
        assumeTrue(refusal.isEmpty(), "no SPDK: " + refusal);
        devices = new LoopbackDevices(DEVICES, ClusterPlan.DEVICE_BYTES_MIN);
    }

    @AfterEach
    void stop() {
        if (devices != null) {
            run("down");
            devices.close();
        }
    }

    private Run run(String... arguments) {
        String directory = parent.resolve("cluster").toString();
        return Run.of(
                Stream.concat(Stream.of(arguments), Stream.of("--dir", directory))
                        .toArray(String[]::new));
    }

    private Run make(int port) {
        return run(
                "up",
                "--detach",
                "--nodes",
                "1",
                "--device-kind",
                "spdk",
                "--device",
                devices.address(0),
                "--device",
                devices.address(1),
                "--device",
                devices.address(2),
                "--scheme",
                "1+2",
                "--tolerate",
                "device",
                "--port-base",
                Integer.toString(port),
                "-o",
                "json");
    }

    private static JsonNode json(Run run) throws IOException {
        assertEquals(0, run.code(), run.err());
        return Json.strict().readTree(run.out());
    }

    @Test
    void devicesThatNothingCouldFenceAreRefused() {
        Run run =
                run(
                        "up",
                        "--nodes",
                        "1",
                        "--device-kind",
                        "spdk",
                        "--device",
                        devices.address(0).replace(" fence:none", ""),
                        "--scheme",
                        "1+2");
        assertTrue(run.err().contains("knows no reservations"), run.err());
        assertTrue(run.err().contains("fence:none"), run.err());
    }

    @Test
    void itServesRestartsAndLosesADevice() throws Exception {
        int port = freePorts();
        JsonNode made = json(make(port));
        String volume =
                "trtype:TCP traddr:127.0.0.1 trsvcid:%d subnqn:%s ns:1"
                        .formatted(port, made.at("/volumes/0/nqn").asText());
        for (JsonNode device : json(run("device", "list", "-o", "json"))) {
            assertEquals("online", device.path("state").asText());
            assertEquals(ClusterPlan.DEVICE_BYTES_MIN, device.path("sizeBytes").asLong());
        }
        scribe(volume, "write", 1);
        scribe(volume, "read", 1);

        assertEquals(0, run("down").code());
        Run other =
                Run.of(
                        "up",
                        "--dir",
                        parent.resolve("other").toString(),
                        "--nodes",
                        "1",
                        "--device-kind",
                        "spdk",
                        "--device",
                        devices.address(0),
                        "--scheme",
                        "1+2");
        assertTrue(other.err().contains("holds something"), other.err());
        json(run("up", "--detach", "-o", "json"));
        scribe(volume, "read", 1);

        devices.remove(1);
        scribe(volume, "write", 2);
        scribe(volume, "read", 2);
        scribe(volume, "read", 1);
    }

    /** Writes blocks of a seed to a volume, or reads and compares them. */
    private void scribe(String volume, String verb, long seed) throws Exception {
        List<String> command = NodeCommand.ofTool(SpdkScribe.class.getName());
        command.addAll(List.of(volume, verb, Long.toString(seed)));
        Path output = parent.resolve("scribe.log");
        ProcessBuilder builder = new ProcessBuilder(command);
        SpdkProcess.prepare(builder.environment());
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(LIMIT_S, TimeUnit.SECONDS), verb + " takes too long");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertTrue(said.strip().endsWith("blocks") && process.exitValue() == 0, said);
    }

    private static int freePorts() {
        for (int port = 31_000; port < 60_000; port += ClusterNode.PORTS) {
            ClusterPlan plan =
                    new ClusterPlan(
                            1, 1, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", port, new Scheme(1));
            if (Ports.areFree(plan.draw())) {
                return port;
            }
        }
        throw new AssertionError("no ports are free");
    }
}
