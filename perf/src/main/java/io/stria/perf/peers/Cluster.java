package io.stria.perf.peers;

import io.stria.perf.load.TargetAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A cluster of some clone, all of it here, with one volume. */
final class Cluster implements AutoCloseable {
    /**
     * What it is made of: one node has n+2 devices, several have one each.
     *
     * @param dataFragments n of the volume's scheme n+2
     * @param kind of the devices: ram or file
     * @param deviceBytes of each, in MiB a whole number
     */
    record Shape(int nodes, int dataFragments, String kind, long deviceBytes) {
        static Shape ofOneNode(int dataFragments, String kind, long deviceBytes) {
            return new Shape(1, dataFragments, kind, deviceBytes);
        }

        String scheme() {
            return dataFragments + "+2";
        }

        int devicesPerNode() {
            return nodes == 1 ? dataFragments + 2 : 1;
        }

        String tolerance() {
            return nodes == 1 ? "device" : "node";
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
     * @param cpus that its nodes may use, such as {@code 0} or {@code 0,1}
     */
    Cluster(Path home, Path directory, int portBase, String cpus, Shape shape)
            throws IOException, InterruptedException {
        this.home = home;
        this.directory = directory;
        this.json =
                Processes.run(
                        Processes.onCpus(
                                cpus,
                                List.of(
                                        home.resolve("stria").toString(),
                                        "up",
                                        "--detach",
                                        "--dir",
                                        directory.toString(),
                                        "--nodes",
                                        String.valueOf(shape.nodes()),
                                        "--devices-per-node",
                                        String.valueOf(shape.devicesPerNode()),
                                        "--device-kind",
                                        shape.kind(),
                                        "--device-size",
                                        (shape.deviceBytes() >> 20) + "M",
                                        "--scheme",
                                        shape.scheme(),
                                        "--tolerate",
                                        shape.tolerance(),
                                        "--port-base",
                                        String.valueOf(portBase),
                                        "-o",
                                        "json")));
    }

    /** Of the first volume, at the first node. */
    TargetAddress address() throws IOException {
        int port = Integer.parseInt(Processes.find(json, "\"dataPort\" : (\\d+)"));
        return new TargetAddress(
                new InetSocketAddress("127.0.0.1", port),
                Processes.find(json, "\"nqn\" : \"([^\"]+)\""),
                1);
    }

    /** Of the first node. */
    long pid() throws IOException {
        return Long.parseLong(Processes.find(json, "\"pid\" : (\\d+)"));
    }

    /** Of the nodes in the order of their ids. */
    List<Long> pids() {
        return Pattern.compile("\"pid\" : (\\d+)")
                .matcher(json)
                .results()
                .map(found -> Long.valueOf(found.group(1)))
                .toList();
    }

    /** Runs the clone's command line on this cluster; its answer as JSON. */
    String ask(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("stria").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--dir", directory.toString(), "-o", "json"));
        return Processes.run(command);
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
