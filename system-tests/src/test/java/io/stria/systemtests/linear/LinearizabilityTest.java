package io.stria.systemtests.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stria.systemtests.cluster.Distribution;
import io.stria.systemtests.cluster.NodeLogs;
import io.stria.systemtests.host.KernelHost;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts over real NVMe/TCP, on real processes that are killed, frozen for longer than a lease and
 * cut off: what they saw has an order that explains it. The history stays in {@code
 * target/linear-history.jsonl}. Longer: {@code -Dstria.linear.minutes=N}; the same faults at the
 * same owners again: {@code -Dstria.seed=N}.
 */
@Tag("alone")
@NeedsNamespaces
class LinearizabilityTest {
    private static final int SECONDS = 60;

    /** To start, to recover and to judge: who has not ended then never will. */
    private static final int MORE_SECONDS = 10 * 60;

    @TempDir private Path directory;

    @Test
    void whatHostsSeeIsLinearizableWhateverBefallsNodes() throws Exception {
        long minutes = Long.getLong("stria.linear.minutes", 0);
        long seconds = minutes == 0 ? SECONDS : 60 * minutes;
        long seed = Long.getLong("stria.seed", new Random().nextLong() >>> 32);
        String again =
                "again with: mvn -pl system-tests -am test -Dtest=LinearizabilityTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dstria.seed="
                        + seed;
        System.out.println(again);
        Path history = Path.of("target", "linear-history.jsonl").toAbsolutePath();

        List<String> said = new ArrayList<>();
        int status = run(said, history, seconds, seed);

        String story =
                again
                        + "\n"
                        + String.join("\n", said)
                        + new NodeLogs(directory.resolve("cluster")).ends();
        assertEquals(0, status, story);
        ObjectMapper json = new ObjectMapper();
        try (Stream<String> lines = Files.lines(history)) {
            long writes = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                writes += json.readTree(line).path("op").asText().equals("write") ? 1 : 0;
            }
            assertTrue(writes > 10 * seconds, story);
        }
        for (Fault fault : Faults.IN_EVERY_RUN) {
            assertTrue(said.stream().anyMatch(line -> line.contains(fault + ":")), story);
        }
    }

    private int run(List<String> said, Path history, long seconds, long seed)
            throws IOException, InterruptedException {
        String networks = "stria-linear-" + ProcessHandle.current().pid();
        List<String> command = new ArrayList<>();
        command.add(script().toString());
        command.add(networks);
        command.add(Integer.toString(SeparateCluster.NODES));
        // It says where its threads are, then it is killed.
        String limit = Long.toString(seconds + MORE_SECONDS);
        command.addAll(List.of("timeout", "--signal=QUIT", "--kill-after=10", limit));
        command.addAll(KernelHost.javaCommand("-Xmx1g"));
        Distribution.ofThisBuild().ifPresent(built -> command.addAll(built.nodeOptions()));
        command.addAll(
                List.of(
                        LinearRun.class.getName(),
                        networks,
                        directory.resolve("cluster").toString(),
                        history.toString(),
                        Long.toString(seconds),
                        Long.toString(seed)));
        // Its input stays open: everything ends with this JVM.
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println(line);
                said.add(line);
            }
            return process.waitFor();
        } finally {
            process.getOutputStream().close();
        }
    }

    private static Path script() {
        Path here = Path.of("networks", "run").toAbsolutePath();
        return Files.exists(here) ? here : Path.of("system-tests", "networks", "run");
    }
}
