package io.stria.systemtests.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.KernelTarget;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same commands of nvme-cli to this target and to the kernel's own, on one Linux host. Prints
 * what both answer, as the table of docs/interoperability.md, and why they differ where they do; a
 * difference that {@link Differences} does not explain, value by value, is a failure.
 *
 * <pre>mvn -pl system-tests -am test -Dtest=SideBySideTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@NeedsKernelHost
class SideBySideTest {
    private static final Duration LIMIT = Duration.ofMinutes(8);
    private static final String MARK = "=== ";

    @TempDir private Path directory;
    private final List<String> table = new ArrayList<>();

    @Test
    void differsFromTheKernelsTargetOnlyWhereItHasAReason() throws IOException {
        Files.writeString(directory.resolve("orders"), "0 " + PathTarget.BLOCKS_MAX);
        try (KernelHost host = KernelHost.start()) {
            KernelTarget kernel = KernelTarget.inMemory(host, "kernel", 4421, 512);
            String kernelDevice = kernel.connect();
            String ownDevice = startOwn(host);
            Initiator initiator = new Initiator(host);
            List<Probe> probes = Probe.all();
            List<Probe.Outcome> own =
                    put(host, probes, controller(initiator, PathTarget.NQN), ownDevice);
            List<Probe.Outcome> theirs =
                    put(host, probes, controller(initiator, "kernel"), kernelDevice);
            List<String> unexplained = new ArrayList<>();
            for (int i = 0; i < probes.size(); i++) {
                compare(probes.get(i), own.get(i), theirs.get(i), unexplained);
            }
            writeTable(probes.size());
            assertEquals(List.of(), unexplained);
        }
    }

    private String startOwn(KernelHost host) {
        Process target =
                host.startInNamespace(
                        KernelHost.javaCommand(
                                "-ea",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                PathTarget.class.getName(),
                                "0",
                                directory.resolve("orders").toString(),
                                directory.resolve("volume").toString(),
                                host.targetAddress(0)));
        String probe = "for i in {1..600}; do (: </dev/tcp/%s/%d) && exit; sleep .1; done; exit 1";
        Result listening = host.run(probe.formatted(host.targetAddress(0), PathTarget.PORT), LIMIT);
        assertEquals(0, listening.exitCode(), () -> host.processLog(target));
        Initiator initiator = new Initiator(host);
        initiator.connect(PathTarget.NQN, host.targetAddress(0), PathTarget.PORT);
        return initiator.device(PathTarget.NQN);
    }

    private static String controller(Initiator initiator, String nqn) {
        return "/dev/" + initiator.paths(nqn).getFirst().controller();
    }

    private static List<Probe.Outcome> put(
            KernelHost host, List<Probe> probes, String controller, String namespace) {
        StringBuilder script = new StringBuilder("head -c 4096 /dev/urandom >/tmp/block\n");
        for (Probe probe : probes) {
            script.append(probe.on(controller, namespace)).append(" 2>&1 | tr -d '\\0'; ");
            script.append("code=${PIPESTATUS[0]}; echo; echo \"").append(MARK).append("$code\"\n");
        }
        String out = host.run(script.toString(), LIMIT).out();
        List<Probe.Outcome> outcomes = new ArrayList<>();
        int at = 0;
        for (Probe probe : probes) {
            int mark = out.indexOf(MARK, at);
            assertEquals(true, mark >= 0, "no answer to " + probe.name() + ":\n" + out);
            int end = out.indexOf('\n', mark);
            int code = Integer.parseInt(out.substring(mark + MARK.length(), end).strip());
            outcomes.add(Probe.Outcome.of(code, out.substring(at, mark)));
            at = end + 1;
        }
        return outcomes;
    }

    private void compare(
            Probe probe, Probe.Outcome own, Probe.Outcome theirs, List<String> unexplained) {
        Set<String> names = new LinkedHashSet<>(Set.of(Probe.Outcome.STATUS));
        if (own.isOk() && theirs.isOk() && !probe.name().startsWith("get-log ")) {
            names.addAll(own.fields().keySet());
            names.addAll(theirs.fields().keySet());
        }
        boolean same = true;
        for (String name : names) {
            String mine = own.fields().getOrDefault(name, "-");
            String other = theirs.fields().getOrDefault(name, "-");
            if (!mine.equals(other)) {
                same = false;
                String why = Differences.why(probe.name(), name, mine, other);
                row(probe.name(), name, mine, other, why.isEmpty() ? "?" : why);
                if (why.isEmpty()) {
                    unexplained.add(probe.name() + " / " + name + ": " + mine + " <> " + other);
                }
            }
        }
        if (same) {
            String status = Objects.requireNonNull(own.fields().get(Probe.Outcome.STATUS));
            row(probe.name(), names.size() == 1 ? "status" : "all", status, status, "the same");
        }
    }

    private void row(String command, String field, String own, String theirs, String why) {
        table.add(
                "| `%s` | %s | %s | %s | %s |"
                        .formatted(command, cell(field), cell(own), cell(theirs), why));
    }

    /** A status by its name alone; no more than fits. */
    private static String cell(String value) {
        String plain = value.replaceAll(": .*", "").replace("|", "/").strip();
        return plain.length() <= 40 ? plain : plain.substring(0, 37) + "...";
    }

    /** The table of docs/interoperability.md. */
    private void writeTable(int commands) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| command of nvme-cli | field | Stria | nvmet | why |");
        lines.add("|---|---|---|---|---|");
        lines.addAll(table);
        Path file = Path.of("target", "side-by-side.md");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
        lines.forEach(System.out::println);
        long differ = table.stream().filter(line -> !line.endsWith("| the same |")).count();
        System.out.printf(
                "%d commands, %d of them answered alike; %d fields differ; the table is in %s%n",
                commands, table.size() - differ, differ, file.toAbsolutePath());
    }
}
