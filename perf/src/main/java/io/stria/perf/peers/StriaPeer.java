package io.stria.perf.peers;

import io.stria.perf.load.LoadResult;
import io.stria.perf.load.TargetAddress;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;

/**
 * One node of this clone. There is no volume without parity, so the nearest is measured: 1+2 on
 * three devices of that node, which reads as a plain one does and writes everything three times.
 */
final class StriaPeer extends NvmePeer {
    private static final int PORT_BASE = 27_420;
    private static final double UNIT = 1024;

    private final Path directory;
    private String json = "";

    StriaPeer(Plan plan) {
        super(plan);
        this.directory = plan.directory().resolve("cluster");
    }

    @Override
    public String name() {
        return "stria";
    }

    @Override
    public String what() {
        return "one node, 1+2 on three devices (%s); no volume without parity is to be had"
                .formatted(plan.kind());
    }

    @Override
    public void start() throws IOException, InterruptedException {
        json =
                Processes.run(
                        Processes.onCpu(
                                plan.targetCpu(),
                                List.of(
                                        plan.home().resolve("stria").toString(),
                                        "up",
                                        "--detach",
                                        "--dir",
                                        directory.toString(),
                                        "--nodes",
                                        "1",
                                        "--devices-per-node",
                                        "3",
                                        "--device-kind",
                                        plan.kind(),
                                        "--device-size",
                                        (Plan.DEVICE_BYTES >> 20) + "M",
                                        "--scheme",
                                        "1+2",
                                        "--tolerate",
                                        "device",
                                        "--port-base",
                                        String.valueOf(PORT_BASE),
                                        "-o",
                                        "json")));
        fill();
    }

    @Override
    TargetAddress address() {
        try {
            int port = Integer.parseInt(Processes.find(json, "\"dataPort\" : (\\d+)"));
            return new TargetAddress(
                    new InetSocketAddress("127.0.0.1", port),
                    Processes.find(json, "\"nqn\" : \"([^\"]+)\""),
                    1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    long pid() {
        try {
            return Long.parseLong(Processes.find(json, "\"pid\" : (\\d+)"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
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
        String threads =
                Processes.run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                String.valueOf(pid()),
                                "Thread.print",
                                "-e"));
        String line = Processes.find(threads, "(\"reactor-0\".*)");
        double number = Double.parseDouble(Processes.find(line, "allocated=([0-9.]+)"));
        return switch (Processes.find(line, "allocated=[0-9.]+([A-Z])")) {
            case "K" -> number * UNIT;
            case "M" -> number * UNIT * UNIT;
            case "G" -> number * UNIT * UNIT * UNIT;
            default -> number;
        };
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
        URI metrics = URI.create(Processes.find(json, "\"api\" : \"([^\"]+)\"") + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(metrics).build(),
                            HttpResponse.BodyHandlers.ofString());
            return answer.body()
                    .lines()
                    .filter(line -> line.startsWith("stria_device_written_bytes_total"))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    @Override
    public void close() {
        try {
            Processes.run(
                    List.of(
                            plan.home().resolve("stria").toString(),
                            "down",
                            "--dir",
                            directory.toString()));
        } catch (IOException e) {
            System.err.println(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
