package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.lease.Incarnation;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.Plans;
import io.stria.runtime.Heartbeat;
import io.stria.runtime.ProcessSignals;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real process whose heartbeat SIGSTOP ends. */
@Timeout(60)
final class NodeWatchTest {
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Long> stopped = new CopyOnWriteArrayList<>();

    @Test
    void hangsUpOnHostsOfANodeThatStandsStillAndLeavesItToGoOn() throws Exception {
        int port = Plans.freePorts(1);
        ClusterNode node = ClusterNode.of(3, "127.0.0.1", port, true, List.of());
        while (!hangsUpOnlyWhenItIsStopped(node)) {
            log.clear();
            stopped.clear();
        }
        assertEquals(List.of(BeatingHost.INCARNATION), stopped, "and says once that it is");
        assertTrue(
                log.getFirst()
                        .matches(
                                "node 3 has stood still for \\d+\\.\\d s: 1 connections of hosts were ended"),
                log::toString);
    }

    /** False if nothing can be said: the machine let it stand still before it was stopped. */
    private boolean hangsUpOnlyWhenItIsStopped(ClusterNode node) throws Exception {
        try (NodeWatch watch = new NodeWatch(node, log::add)) {
            Process process = start(node.dataPort(), watch);
            try {
                BufferedReader said = process.inputReader();
                assertEquals(BeatingHost.READY, said.readLine());
                try (Socket host = new Socket(InetAddress.getLoopbackAddress(), node.dataPort())) {
                    assertEquals(BeatingHost.READY, said.readLine());
                    CompletableFuture<Integer> end = awaitEnd(watch, process);
                    if (!keepsItsHost(host)) {
                        assertEquals(BeatingHost.STOOD_STILL, said.readLine(), log::toString);
                        return false;
                    }
                    assertEquals(List.of(), stopped, "it runs");
                    ProcessSignals.stop(process.pid());
                    host.setSoTimeout(20_000);
                    assertEquals(-1, host.getInputStream().read());
                    while (log.isEmpty()) {
                        Thread.sleep(1);
                    }
                    assertTrue(process.isAlive(), "nobody ends it");
                    assertEquals(1, log.size(), log::toString);
                    ProcessSignals.resume(process.pid());
                    assertEquals(0, end.get(20, TimeUnit.SECONDS), "it hears of it, and ends");
                    return true;
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** Who goes on keeps his hosts, also without a lease. */
    private static boolean keepsItsHost(Socket host) throws IOException {
        host.setSoTimeout(2000);
        try {
            assertEquals(-1, host.getInputStream().read());
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    /**
     * The clock may have gone back since the process before it: then it counts on from that one.
     */
    @Test
    void namesTheProcessAsItHasRegistered() throws Exception {
        ClusterNode node = ClusterNode.of(3, "127.0.0.1", Plans.freePorts(1), true, List.of());
        try (NodeWatch watch = new NodeWatch(node, log::add)) {
            long start = Incarnation.start(5_000, 77);
            assertEquals(Incarnation.ofProcess(start), watch.incarnation(start));
            Heartbeat heartbeat = Heartbeat.watchedAt(Path.of(watch.arguments().getLast()));
            long registered =
                    Incarnation.ofLaterProcess(
                            Incarnation.ofProcess(Incarnation.start(9_000_000, 11)),
                            Incarnation.ofProcess(start));
            heartbeat.registersAs(registered);
            heartbeat.end();
            assertEquals(registered, watch.incarnation(start));
        }
    }

    private CompletableFuture<Integer> awaitEnd(NodeWatch watch, Process process) {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        end.complete(watch.awaitEnd(process, stopped::add));
                    } catch (InterruptedException e) {
                        end.completeExceptionally(e);
                    }
                });
        return end;
    }

    private static Process start(int port, NodeWatch watch) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BeatingHost.class.getName(),
                                Integer.toString(port)));
        command.addAll(watch.arguments());
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
