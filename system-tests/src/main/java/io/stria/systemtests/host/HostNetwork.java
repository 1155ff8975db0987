package io.stria.systemtests.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The network namespace of a {@link KernelHost}: processes in it, and paths that can be cut. May be
 * used from any thread. What is started here ends with the host.
 */
public final class HostNetwork {
    private final String namespace;
    private final Path logs;
    private final List<Process> started = new ArrayList<>();

    HostNetwork(String namespace, Path logs) {
        this.namespace = namespace;
        this.logs = logs;
    }

    String namespace() {
        return namespace;
    }

    /**
     * {@code command} prepared to run in the namespace, with pipes; the caller reads its output.
     */
    public ProcessBuilder prepare(List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(command);
        return new ProcessBuilder(whole);
    }

    /** Starts {@code command} in the namespace, its output going to {@link #log}. */
    public synchronized Process start(List<String> command) {
        try {
            Process process =
                    prepare(command)
                            .redirectErrorStream(true)
                            .redirectOutput(logs.resolve("process-" + started.size()).toFile())
                            .start();
            process.getOutputStream().close();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new HostException("cannot start " + command, e);
        }
    }

    /** What a process of {@link #start} has printed so far. */
    public synchronized String log(Process process) {
        return KernelHost.read(logs.resolve("process-" + started.indexOf(process)));
    }

    /** Silently drops every packet between two addresses of the namespace, both ways. */
    public void cut(String one, String other) {
        change("add", one, other);
        change("add", other, one);
    }

    /** Undoes {@link #cut}. */
    public void restore(String one, String other) {
        change("delete", one, other);
        change("delete", other, one);
    }

    /**
     * Ends what {@link #start} started and the namespace's own end did not: a process that had not
     * entered the namespace when its processes were listed.
     */
    synchronized void end() {
        started.forEach(Process::destroy);
    }

    private void change(String verb, String from, String to) {
        Command.run(
                        "ip",
                        "-n",
                        namespace,
                        "rule",
                        verb,
                        "pref",
                        "50",
                        "from",
                        from,
                        "to",
                        to,
                        "blackhole")
                .orThrow();
    }
}
