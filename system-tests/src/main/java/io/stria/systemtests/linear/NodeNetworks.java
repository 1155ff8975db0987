package io.stria.systemtests.linear;

import io.stria.systemtests.host.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The network namespaces of the nodes, and the faults of cables and ways between them. They are
 * made, and taken away, by {@code system-tests/networks/run}.
 */
final class NodeNetworks {
    private static final String ADDRESS = "10.78.0.";

    private final String name;
    private final List<Runnable> undo = new ArrayList<>();

    NodeNetworks(String name) {
        this.name = name;
    }

    static String address(int node) {
        return ADDRESS + node;
    }

    /** The command, to be run on the node's machine. */
    List<String> on(int node, List<String> command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", namespace(node)), command.stream())
                .toList();
    }

    private String namespace(int node) {
        return name + "-" + node;
    }

    /** Pulls the node's cable: nobody reaches it, and it reaches nobody. */
    void unplug(int node) {
        ip(name, "link", "set", "port" + node, "down");
        undo.add(() -> ip(name, "link", "set", "port" + node, "up"));
    }

    /** Drops, silently, all that one node sends to the other; not what comes back. */
    void drop(int from, int to) {
        rule("add", from, to);
        undo.add(() -> rule("delete", from, to));
    }

    private void rule(String verb, int from, int to) {
        String[] rule = {
            "rule", verb, "pref", "50", "from", address(from), "to", address(to), "blackhole"
        };
        ip(namespace(to), rule);
    }

    /** Both ways, between each of the one side and each of the other. */
    void cut(List<Integer> side, List<Integer> other) {
        for (int one : side) {
            for (int another : other) {
                drop(one, another);
                drop(another, one);
            }
        }
    }

    void heal() {
        undo.forEach(Runnable::run);
        undo.clear();
    }

    private static void ip(String namespace, String... words) {
        Command.run(
                        Stream.concat(Stream.of("ip", "-n", namespace), Stream.of(words))
                                .toArray(String[]::new))
                .orThrow();
    }
}
