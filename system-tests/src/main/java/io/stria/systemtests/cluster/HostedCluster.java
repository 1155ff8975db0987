package io.stria.systemtests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stria.systemtests.host.Command;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster that {@code up} starts in a kernel host's network: what a user does, with real
 * processes that can be killed. Closed with {@code down}.
 */
public final class HostedCluster implements AutoCloseable {
    /** The options that make a Linux host notice a lost path soon; as {@code up} prints them. */
    public static final String[] CONNECT = {
        "--keep-alive-tmo=1", "--reconnect-delay=1", "--ctrl-loss-tmo=-1"
    };

    /** The launcher that is named, or this build's; where there is none, these tests' classes. */
    private static final List<String> CLI =
            Optional.ofNullable(System.getProperty("stria.launcher"))
                    .map(List::of)
                    .or(() -> Distribution.ofThisBuild().map(Distribution::command))
                    .orElseGet(() ->
                            KernelHost.javaCommand(
                                    "-XX:TieredStopAtLevel=1",
                                    "-Xmx128m",
                                    "io.stria.node.cli.Stria"));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORT_BASE = 4420;
    private static final Duration ELECTED_MAX = Duration.ofSeconds(60);

    /**
     * Asks nodes, the next one when one does not answer, until one says that all is well. One
     * process for all of that: each start of one takes cores from a cluster that catches up.
     */
    private static final String HEALTHY =
            """
            import sys, time, urllib.request as web
            urls = sys.argv[2:]
            deadline = time.monotonic() + float(sys.argv[1])
            def ask():
                last = 'no node runs'
                for url in urls:
                    try:
                        return web.urlopen(url, timeout=5).read().decode()
                    except Exception as e:
                        last = url + ': ' + str(e)
                return last
            while '"health":"healthy"' not in (last := ask()):
                if time.monotonic() > deadline:
                    sys.exit(last)
                time.sleep(0.1)
            """;

    /** Options that every JVM takes from its environment; each says so on standard error. */
    private static final String JVM_OPTIONS = "JAVA_TOOL_OPTIONS";

    private final KernelHost host;
    private final Path directory;

    /** Of the supervisor, and so of the nodes. */
    private final Map<String, String> environment;

    private HostedCluster(KernelHost host, Path directory, Map<String, String> environment) {
        this.host = host;
        this.directory = directory;
        this.environment = environment;
    }

    /**
     * Starts a cluster in the directory, a new one or the one that is there, and waits until it is
     * ready.
     */
    public static HostedCluster up(KernelHost host, Path directory, String... options) {
        HostedCluster cluster = new HostedCluster(host, directory, Map.of());
        cluster.up(options);
        return cluster;
    }

    /**
     * The same for tests that judge what nodes do and not how fast: their JVMs compile with C1
     * alone, and need half the CPU while they warm up, which is all the time that such a test
     * takes.
     */
    public static HostedCluster upWithC1(KernelHost host, Path directory, String... options) {
        HostedCluster cluster =
                new HostedCluster(host, directory, Map.of(JVM_OPTIONS, "-XX:TieredStopAtLevel=1"));
        cluster.up(options);
        return cluster;
    }

    /** Starts again whatever is not running. */
    public void up(String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "up",
                                "--detach",
                                "--dir",
                                directory.toString(),
                                "--address",
                                host.targetAddress(),
                                "--port-base",
                                Integer.toString(PORT_BASE),
                                "-o",
                                "json"));
        command.addAll(List.of(options));
        String[] arguments = command.toArray(String[]::new);
        output(tryCli(environment, Duration.ofMinutes(3), arguments), arguments);
    }

    /** Runs a command of the CLI in the cluster's network and returns what it printed. */
    public String cli(Duration limit, String... arguments) {
        return output(tryCli(limit, arguments), arguments);
    }

    private String output(Outcome outcome, String... arguments) {
        if (outcome.exitCode() != 0) {
            throw new IllegalStateException(
                    String.join(" ", arguments)
                            + " exited "
                            + outcome.exitCode()
                            + ": "
                            + outcome.error()
                            + logs());
        }
        return outcome.output();
    }

    /** What a command of the CLI ended with. */
    public record Outcome(int exitCode, String output, String error) {}

    public Outcome tryCli(Duration limit, String... arguments) {
        return tryCli(Map.of(), limit, arguments);
    }

    private Outcome tryCli(Map<String, String> variables, Duration limit, String... arguments) {
        List<String> command = new ArrayList<>(CLI);
        command.addAll(List.of(arguments));
        try {
            Path error = Files.createTempFile("stria-cli", ".err");
            Path output = Files.createTempFile("stria-cli", ".out");
            ProcessBuilder builder =
                    host.network()
                            .prepare(command)
                            .redirectError(error.toFile())
                            .redirectOutput(output.toFile());
            builder.environment().putAll(variables);
            Process process = builder.start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        String.join(" ", arguments)
                                + " did not end: "
                                + Files.readString(error)
                                + logs());
            }
            Outcome outcome =
                    new Outcome(
                            process.exitValue(), Files.readString(output), Files.readString(error));
            Files.delete(error);
            Files.delete(output);
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private JsonNode json(String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "-o";
        all[arguments.length + 1] = "json";
        all[arguments.length + 2] = "--api";
        all[arguments.length + 3] = aliveApi();
        try {
            return JSON.readTree(cli(Duration.ofSeconds(60), all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** REST of the first node whose process runs: any node answers. */
    private String aliveApi() {
        for (int node = 1; node <= 16; node++) {
            if (pidOf(node) != 0) {
                return api(node);
            }
        }
        return api(1);
    }

    /** REST of a node. */
    public String api(int node) {
        return "http://%s:%d".formatted(host.targetAddress(), dataPort(node) + 2);
    }

    /** NQN of the volume. */
    public String nqn(String volume) {
        return json("volume", "connect", volume).path("nqn").asText();
    }

    /** Connects the host to every path of the volume and returns the block device. */
    public String connect(Initiator nvme, String volume) {
        JsonNode connect = json("volume", "connect", volume);
        String nqn = connect.path("nqn").asText();
        for (JsonNode path : connect.path("paths")) {
            nvme.connect(
                    nqn,
                    path.path("traddr").asText(),
                    Integer.parseInt(path.path("trsvcid").asText()),
                    CONNECT);
        }
        return nvme.device(nqn);
    }

    /**
     * Ids of the nodes that present the volume, the one that serves it first; waits while none
     * serves it, as between owners.
     */
    public List<Integer> pathNodes(String volume) {
        return await("nobody serves " + volume, () -> tryPathNodes(volume));
    }

    /** Empty if none of them serves it. */
    private Optional<List<Integer>> tryPathNodes(String volume) {
        List<Integer> nodes = new ArrayList<>();
        boolean served = false;
        for (JsonNode path : json("volume", "connect", volume).path("paths")) {
            int node = path.path("node").asInt();
            if (path.path("ana").asText().equals("optimized")) {
                nodes.addFirst(node);
                served = true;
            } else {
                nodes.add(node);
            }
        }
        return served ? Optional.of(nodes) : Optional.empty();
    }

    /** Id of the node that serves the volume, once there is one. */
    public int owner(String volume) {
        return pathNodes(volume).getFirst();
    }

    /** Id of the node that leads the control plane, once there is one. */
    public int leader() {
        return await("nobody leads", this::tryLeader);
    }

    private Optional<Integer> tryLeader() {
        for (JsonNode node : json("node", "list")) {
            if (node.path("leader").asBoolean()) {
                return Optional.of(node.path("id").asInt());
            }
        }
        return Optional.empty();
    }

    /** An election, or a takeover, has an end. */
    private <T> T await(String reason, Supplier<Optional<T>> look) {
        long deadlineNs = System.nanoTime() + ELECTED_MAX.toNanos();
        Optional<T> seen = look.get();
        while (seen.isEmpty()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(reason + logs());
            }
            seen = look.get(); // a process each time, so that this does not spin
        }
        return seen.get();
    }

    /** {@code kill -9} of nodes, all at once. */
    public void kill(int... nodes) {
        List<ProcessHandle> processes = new ArrayList<>();
        for (int node : nodes) {
            ProcessHandle.of(pidOf(node)).ifPresent(processes::add);
        }
        if (processes.size() != nodes.length) {
            throw new IllegalStateException("not all of these nodes run");
        }
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    /** {@code SIGSTOP}: it stands still, and its kernel goes on. */
    public void freeze(int node) {
        Command.run("kill", "-STOP", Long.toString(pidOf(node))).orThrow();
    }

    public void thaw(int node) {
        Command.run("kill", "-CONT", Long.toString(pidOf(node))).orThrow();
    }

    /** Starts nodes, all at once, and returns when the cluster counts on them. */
    public void start(int... nodes) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> starting =
                    IntStream.of(nodes)
                            .mapToObj(node -> threads.submit(() -> startNode(node)))
                            .toList();
            for (Future<String> one : starting) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private String startNode(int node) {
        return cli(
                Duration.ofSeconds(90),
                "node",
                "start",
                Integer.toString(node),
                "--dir",
                directory.toString());
    }

    /** Waits until the cluster is healthy: all nodes and devices there, nothing behind. */
    public void awaitHealthy(Duration limit) {
        List<String> command =
                new ArrayList<>(
                        List.of("python3", "-c", HEALTHY, Double.toString(limit.toMillis() / 1e3)));
        for (int node : pids().keySet()) {
            command.add("%s/api/v1/cluster".formatted(api(node)));
        }
        try {
            Process process = host.network().prepare(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String last =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("not healthy: " + last + logs());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** CPU that all nodes have used since they started, in milliseconds. */
    public long cpuMillis() {
        long sum = 0;
        for (int node = 1; node <= 16; node++) {
            long pid = pidOf(node);
            if (pid != 0) {
                sum +=
                        ProcessHandle.of(pid)
                                .flatMap(process -> process.info().totalCpuDuration())
                                .map(Duration::toMillis)
                                .orElse(0L);
            }
        }
        return sum;
    }

    /** Resident memory of each node that runs, in KiB. */
    public SortedMap<Integer, Long> residentKib() {
        SortedMap<Integer, Long> all = new TreeMap<>();
        for (int node = 1; node <= 16; node++) {
            long pid = pidOf(node);
            if (pid != 0) {
                all.put(node, residentKib(pid));
            }
        }
        return all;
    }

    private static long residentKib(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Process ids of the nodes that run. */
    public SortedMap<Integer, Long> pids() {
        SortedMap<Integer, Long> all = new TreeMap<>();
        for (int node = 1; node <= 16; node++) {
            long pid = pidOf(node);
            if (pid != 0) {
                all.put(node, pid);
            }
        }
        return all;
    }

    /** Ids of all processes of the cluster: its supervisor, its nodes, commands that run. */
    public Set<Long> processes() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).contains(directory + " "))
                .collect(Collectors.toSet());
    }

    /**
     * Gives a device up for good; the cluster's only volume has its chunks rebuilt elsewhere.
     *
     * @param every so often a node is asked how far that is, which hosts notice
     */
    public RunningMovement fail(String device, String volume, Duration every) throws IOException {
        return new RunningMovement(
                host.network(),
                aliveApi() + "/api/v1/devices/" + device,
                api(owner(volume)) + "/metrics",
                every);
    }

    /** Where a node answers hosts; the port after it is for peers. */
    public static int dataPort(int node) {
        return PORT_BASE + (node - 1) * 10;
    }

    /** Ids of the devices of each node. */
    public SortedMap<Integer, List<String>> devices() {
        SortedMap<Integer, List<String>> all = new TreeMap<>();
        for (JsonNode device : json("device", "list")) {
            all.computeIfAbsent(device.path("node").asInt(), _ -> new ArrayList<>())
                    .add(device.path("id").asText());
        }
        return all;
    }

    /** 0 if the node's process does not run. */
    private long pidOf(int node) {
        String marker = directory + " --id " + node + " ";
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains("NodeMain --dir " + marker))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElse(0);
    }

    private static String commandLine(long pid) {
        try {
            return new String(
                            Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")),
                            StandardCharsets.UTF_8)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    /** Lines of all nodes' logs since then, in their order, each with its node. */
    public List<String> logsSince(Instant since) {
        return new NodeLogs(directory).since(since);
    }

    /** The end of every node's log; for messages of failed tests. */
    public String logs() {
        return new NodeLogs(directory).ends();
    }

    @Override
    public void close() {
        tryCli(Duration.ofSeconds(60), "down", "--dir", directory.toString());
    }
}
