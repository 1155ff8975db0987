package io.stria.systemtests.host;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a machine must have for {@link KernelHost}, or for nodes in networks of their own; each
 * check gives its reason in one sentence.
 */
public final class HostRequirements {
    private static final List<String> COMMANDS =
            List.of("bash", "ip", "mount", "nvme", "fio", "python3");

    private HostRequirements() {}

    static Optional<String> whyNot() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("a kernel host runs on Linux on x86-64 only");
        }
        return COMMANDS.stream()
                .filter(command -> !isInstalled(command))
                .map(command -> "a kernel host needs the command " + command)
                .findFirst()
                .or(HostRequirements::whyNoRoot)
                .or(HostRequirements::whyNoNetwork)
                .or(() -> KernelBuild.locate().whyNot());
    }

    /** Why there are no network namespaces with cables between them; empty when there are. */
    public static Optional<String> whyNoNamespaces() {
        return Stream.of("bash", "ip", "setsid")
                .filter(command -> !isInstalled(command))
                .map(command -> "separate nodes need the command " + command)
                .findFirst()
                .or(HostRequirements::whyNoRoot)
                .or(HostRequirements::whyNoCables);
    }

    private static Optional<String> whyNoCables() {
        String probe = "stria-probe-" + ProcessHandle.current().pid();
        Result outcome =
                Command.run(
                        "bash",
                        "-c",
                        "ip netns add $0 && ip -n $0 link add switch type bridge"
                                + " && ip -n $0 link add port1 type veth peer name eth0;"
                                + " status=$?; ip netns delete $0; exit $status",
                        probe);
        return outcome.exitCode() == 0
                ? Optional.empty()
                : Optional.of(
                        "separate nodes need network namespaces, bridges and veth: "
                                + outcome.err().strip());
    }

    private static boolean isInstalled(String command) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin";
        for (String directory : path.split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, command))) {
                return true;
            }
        }
        return false;
    }

    private static Optional<String> whyNoRoot() {
        try {
            Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            return uid.equals(0) ? Optional.empty() : Optional.of("network namespaces need root");
        } catch (IOException e) {
            return Optional.of("network namespaces need /proc: " + e.getMessage());
        }
    }

    private static Optional<String> whyNoNetwork() {
        String probe = "stria-probe-" + ProcessHandle.current().pid();
        Result outcome =
                Command.run(
                        "bash",
                        "-c",
                        "ip netns add $0 && ip -n $0 tuntap add probe0 mode tap;"
                                + " status=$?; ip netns delete $0; exit $status",
                        probe);
        return outcome.exitCode() == 0
                ? Optional.empty()
                : Optional.of(
                        "a kernel host needs network namespaces and /dev/net/tun: "
                                + outcome.err().strip());
    }
}
