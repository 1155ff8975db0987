package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvmf.DiscoverySubsystem;
import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.Running;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an administrator does on a Linux host with the stock tools, on a cluster that {@code up}
 * made.
 */
@NeedsKernelHost
@Timeout(600)
class HostToolsTest {
    private static final Duration SOON = Duration.ofSeconds(180);
    private static final String OPTIONS = String.join(" ", HostedCluster.CONNECT);

    @TempDir static Path directory;

    private static KernelHost host;
    private static HostedCluster cluster;
    private static Initiator nvme;
    private static String nqn;

    @BeforeAll
    static void start() {
        host = KernelHost.start();
        cluster = HostedCluster.upWithC1(host, directory.resolve("cluster"));
        nvme = new Initiator(host);
        nqn = cluster.nqn("demo");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        if (host != null) {
            host.close();
        }
    }

    @AfterEach
    void disconnect() {
        run("nvme disconnect-all");
    }

    private static String run(String script) {
        return host.run(script, SOON).orThrow().out();
    }

    /** The command with the portal that {@code up} prints first. */
    private static String discover(String command) {
        return "nvme %s -t tcp -a %s -s %d"
                .formatted(command, host.targetAddress(), HostedCluster.dataPort(1));
    }

    private static void create(String volume) {
        cluster.cli(SOON, "volume", "create", volume, "--size", "1GiB", "--api", cluster.api(1));
    }

    private static void connect(int node, String... options) {
        nvme.connect(nqn, host.targetAddress(), HostedCluster.dataPort(node), options);
    }

    @Test
    void findsEveryPathFromAnyNode() {
        String found = run(discover("discover"));
        for (int node : cluster.pathNodes("demo")) {
            Pattern path =
                    Pattern.compile(
                            "trsvcid: +%d\n *subnqn: +%s\n"
                                    .formatted(HostedCluster.dataPort(node), nqn));
            assertTrue(path.matcher(found).find(), found);
        }
        for (int port : new int[] {HostedCluster.dataPort(5), DiscoverySubsystem.PORT}) {
            String other = run(discover("discover").replace(" 4420", " " + port));
            assertEquals(subsystems(found), subsystems(other), "at port " + port);
        }
    }

    private static TreeSet<String> subsystems(String found) {
        return found.lines()
                .filter(line -> line.contains("subnqn"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void connectsAllPathsFromOneDiscovery() {
        run(discover("connect-all") + " " + OPTIONS);
        String device = nvme.device(nqn);
        awaitStates(nqn, "live inaccessible", "live inaccessible", "live optimized");
        assertSound(FioJob.verifiedWrites(device, 4 << 20).run(host, SOON));
        // Again, as a service does that runs on every event: what is connected is left alone.
        host.run(discover("connect-all") + " " + OPTIONS, SOON);
        assertEquals(3, nvme.paths(nqn).size());
    }

    private static void awaitStates(String subsystem, String... states) {
        nvme.awaitPaths(subsystem, Initiator.PathState::states, List.of(states));
    }

    @Test
    void tellsAHostThatStaysConnectedOfANewVolume() {
        run(discover("discover") + " -p");
        String controller = nvme.paths(DiscoverySubsystem.NQN).getFirst().controller();
        awaitStates(DiscoverySubsystem.NQN, "live none");
        // What udev would hear: the host's kernel passes the event on with the page to read.
        Running events =
                host.start(
                        """
                        exec python3 -uc '
                        import socket
                        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
                        s.bind((0, 1))
                        print("listening", flush=True)
                        while True:
                            words = s.recv(65536).decode().split(chr(0))
                            if any(w.startswith("NVME_AEN=") for w in words):
                                print(words[0], *[w for w in words if w.startswith("NVME_")], flush=True)
                        '
                        """);
        await(events, "listening");
        create("made-later");
        await(events, controller + " ");
        String event = events.outputSoFar();
        assertTrue(event.contains("NVME_AEN=0x70f002"), event);
        events.signal("KILL");
        String found = run(discover("discover") + " -d " + controller);
        assertTrue(found.contains(cluster.nqn("made-later")), found);
        awaitStates(DiscoverySubsystem.NQN, "live none");
    }

    private static void await(Running script, String text) {
        long deadlineNs = System.nanoTime() + SOON.toNanos();
        while (!script.outputSoFar().contains(text)) {
            assertTrue(System.nanoTime() < deadlineNs, script::outputSoFar);
        }
    }

    @Test
    void verifiesWithDigestsOfHeadersAndData() {
        for (int node : cluster.pathNodes("demo")) {
            connect(node, OPTIONS, "--hdr-digest", "--data-digest");
        }
        String device = nvme.device(nqn);
        FioJob job = FioJob.verifiedWrites(device, 4 << 20);
        assertSound(job.run(host, SOON));
        assertSound(job.blockBytes(65536).run(host, SOON));
    }

    @Test
    void losesNothingInAStormOfResetsAndDisconnects() {
        String device = cluster.connect(nvme, "demo");
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 2048).inFlight(8));
        for (int turn = 0; turn < 6; turn++) {
            writes.awaitAcknowledged(100, SOON);
            nvme.reset(nvme.paths(nqn).get(turn % 3).controller());
        }
        writes.awaitAcknowledged(100, SOON);
        StampedReport seen = writes.stop(SOON);
        assertEquals(0, seen.ioErrors() + seen.wrong(), seen::toString);
        int owner = cluster.owner("demo");
        int port = HostedCluster.dataPort(owner);
        run(
                """
                for turn in {1..10}; do
                    nvme disconnect -n %1$s
                    nvme connect -t tcp -a %2$s -s %3$d -n %1$s %4$s || exit
                done
                """
                        .formatted(nqn, host.targetAddress(), port, OPTIONS));
        // Another node may serve it by now.
        cluster.pathNodes("demo").stream()
                .filter(node -> node != owner)
                .forEach(node -> connect(node, OPTIONS));
        StampedReport found = writes.verify(nvme.device(nqn), SOON);
        assertEquals(0, found.wrong(), found::toString);
        assertTrue(found.checked() >= 300, found::toString);
    }

    private static void assertSound(FioResult result) {
        assertEquals(0, result.error(), () -> result + cluster.logs());
    }
}
