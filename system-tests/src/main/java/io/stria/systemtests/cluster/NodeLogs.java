package io.stria.systemtests.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The logs of a cluster's nodes.
 *
 * @param cluster its directory
 */
public record NodeLogs(Path cluster) {
    private static final int NODES_MAX = 16;
    private static final int END_CHARACTERS = 3000;

    /** Lines since then, in their order, each with its node after its time. */
    public List<String> since(Instant since) {
        String from = since.toString();
        List<String> all = new ArrayList<>();
        for (int node : nodes()) {
            String name = " node " + node + ": ";
            try (Stream<String> lines = Files.lines(log(node))) {
                lines.filter(line -> line.startsWith("20") && line.compareTo(from) >= 0)
                        .map(line -> line.replaceFirst(" ", name))
                        .forEach(all::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Collections.sort(all);
        return all;
    }

    /** The end of each; for messages of failed tests. */
    public String ends() {
        StringBuilder all = new StringBuilder();
        for (int node : nodes()) {
            try {
                String text = Files.readString(log(node));
                all.append("\n--- node ").append(node).append('\n');
                all.append(text.substring(Math.max(0, text.length() - END_CHARACTERS)));
            } catch (IOException e) {
                all.append(e);
            }
        }
        return all.toString();
    }

    private List<Integer> nodes() {
        return IntStream.rangeClosed(1, NODES_MAX)
                .filter(node -> Files.exists(log(node)))
                .boxed()
                .toList();
    }

    private Path log(int node) {
        return cluster.resolve("node-" + node).resolve("node.log");
    }
}
