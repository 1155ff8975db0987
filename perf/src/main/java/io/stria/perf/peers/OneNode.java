package io.stria.perf.peers;

import io.stria.perf.load.TargetAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** A cluster of one node of some clone, with one volume over n+2 devices of that node. */
final class OneNode implements AutoCloseable {
    /**
     * What it is made of.
     *
     * @param kind of the devices: ram or file
     * @param deviceBytes of each, in MiB a whole number
     */
    record Shape(int dataFragments, String kind, long deviceBytes) {
        String scheme() {
            return dataFragments + "+2";
        }

        int devices() {
            return dataFragments + 2;
        }
    }

    private final Path home;
    private final Path directory;
    private final String json;

    /**
     * Starts it, and waits until its volume is served.
     *
     * @param home of the clone
     * @param directory that it makes for the cluster
     */
    OneNode(Path home, Path directory, int portBase, int cpu, Shape shape)
            throws IOException, InterruptedException {
        this.home = home;
        this.directory = directory;
        this.json =
                Processes.run(
                        Processes.onCpu(
                                cpu,
                                List.of(
                                        home.resolve("stria").toString(),
                                        "up",
                                        "--detach",
                                        "--dir",
                                        directory.toString(),
                                        "--nodes",
                                        "1",
                                        "--devices-per-node",
                                        String.valueOf(shape.devices()),
                                        "--device-kind",
                                        shape.kind(),
                                        "--device-size",
                                        (shape.deviceBytes() >> 20) + "M",
                                        "--scheme",
                                        shape.scheme(),
                                        "--tolerate",
                                        "device",
                                        "--port-base",
                                        String.valueOf(portBase),
                                        "-o",
                                        "json")));
    }

    TargetAddress address() throws IOException {
        int port = Integer.parseInt(Processes.find(json, "\"dataPort\" : (\\d+)"));
        return new TargetAddress(
                new InetSocketAddress("127.0.0.1", port),
                Processes.find(json, "\"nqn\" : \"([^\"]+)\""),
                1);
    }

    long pid() throws IOException {
        return Long.parseLong(Processes.find(json, "\"pid\" : (\\d+)"));
    }

    /** Of all samples of a metric whose labels are wanted; they look like {@code part="home"}. */
    double sum(String metric, Predicate<String> labels) throws IOException, InterruptedException {
        URI metrics = URI.create(Processes.find(json, "\"api\" : \"([^\"]+)\"") + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(metrics).build(),
                            HttpResponse.BodyHandlers.ofString());
            return answer.body()
                    .lines()
                    .filter(line -> line.startsWith(metric + "{") && labels.test(line))
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
                            home.resolve("stria").toString(),
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
