package io.stria.perf.peers;

import io.stria.perf.flame.FlameGraph;
import io.stria.perf.flame.Recording;
import io.stria.perf.load.LoadResult;
import io.stria.perf.load.TargetAddress;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node of a clone: of this one, or of another, so that a change is measured beside what was
 * before it. There is no volume without parity, so the nearest to a plain one is 1+2 on three
 * devices of that node, which reads as a plain one does and writes everything three times.
 */
final class StriaPeer extends NvmePeer {
    private static final int PORT_BASE = 27_420;
    private static final int OTHER_PORT_BASE = 27_620;
    private static final double UNIT = 1024;
    private static final double FLAME_SECONDS = 8;

    private final String name;
    private final Path home;
    private final int portBase;
    private final Path directory;
    private final Cluster.Shape shape;
    private @Nullable Cluster node;

    StriaPeer(Plan plan) {
        this(plan, "stria", plan.home(), PORT_BASE);
    }

    private StriaPeer(Plan plan, String name, Path home, int portBase) {
        super(plan);
        this.name = name;
        this.home = home;
        this.portBase = portBase;
        this.directory = plan.directory().resolve("cluster-" + name);
        this.shape = Cluster.Shape.ofOneNode(plan.dataFragments(), plan.kind(), Plan.DEVICE_BYTES);
    }

    /** Another clone, which is called after its directory. */
    static StriaPeer of(Plan plan, Path home) throws PeerMissingException {
        if (!Files.isExecutable(home.resolve("stria"))) {
            throw new PeerMissingException("there is no clone with a launcher in it");
        }
        return new StriaPeer(plan, home.getFileName().toString(), home, OTHER_PORT_BASE);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean compiles() {
        return true;
    }

    @Override
    public String what() {
        return "one node of %s, %s on %d devices (%s); no volume without parity is to be had"
                .formatted(home, shape.scheme(), shape.devicesPerNode(), plan.kind());
    }

    @Override
    public void start() throws IOException, InterruptedException {
        node = new Cluster(home, directory, portBase, String.valueOf(plan.targetCpu()), shape);
        fill();
    }

    private Cluster node() {
        return Objects.requireNonNull(node, "not started");
    }

    @Override
    TargetAddress address() throws IOException {
        return node().address();
    }

    @Override
    long pid() throws IOException {
        return node().pid();
    }

    @Override
    public double allocatedPerIo(Workload work) throws IOException, InterruptedException {
        measure(work, 0, 0.5);
        double before = allocated();
        LoadResult result = measure(work, 0, 1);
        return (allocated() - before) / result.ios();
    }

    /** By the reactor so far. */
    private double allocated() throws IOException, InterruptedException {
        String threads = jcmd(List.of("Thread.print", "-e"));
        String line = Processes.find(threads, "(\"reactor-0\".*)");
        double number = Double.parseDouble(Processes.find(line, "allocated=([0-9.]+)"));
        return switch (Processes.find(line, "allocated=[0-9.]+([A-Z])")) {
            case "K" -> number * UNIT;
            case "M" -> number * UNIT * UNIT;
            case "G" -> number * UNIT * UNIT * UNIT;
            default -> number;
        };
    }

    /** Of the reactor with this workload, by the JVM's own recorder. */
    void draw(Workload work, Path picture) throws IOException, InterruptedException {
        measure(work, 0, 1);
        Path file = plan.directory().resolve("flame.jfr");
        List<String> start = new ArrayList<>(List.of("JFR.start", "name=flame"));
        start.addAll(Recording.SETTINGS);
        jcmd(start);
        LoadResult result = measure(work, 0, FLAME_SECONDS);
        jcmd(List.of("JFR.stop", "name=flame", "filename=" + file));
        String title =
                "%s, %s: %s"
                        .formatted(what(), work.title(), result.toString().replaceAll(" +", " "));
        FlameGraph.draw(Recording.read(file, "reactor-0"), title, picture);
    }

    /** From now on, to this file. */
    void logPauses(Path log) throws IOException, InterruptedException {
        jcmd(List.of("VM.log", "output=" + log, "what=safepoint=info", "decorators=uptime"));
    }

    private String jcmd(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.add(String.valueOf(pid()));
        command.addAll(words);
        return Processes.run(command);
    }

    @Override
    public double writtenPerByte(Workload work) throws IOException, InterruptedException {
        if (work.readPercent() == 100) {
            return Double.NaN;
        }
        double before = written();
        LoadResult result = measure(work, 0, 2);
        double bytes = result.ios() * (double) work.bytes() * (100 - work.readPercent()) / 100;
        return (written() - before) / bytes;
    }

    private double written() throws IOException, InterruptedException {
        return node().sum("stria_device_written_bytes_total", labels -> true);
    }

    @Override
    public void close() {
        if (node != null) {
            node.close();
        }
    }
}
