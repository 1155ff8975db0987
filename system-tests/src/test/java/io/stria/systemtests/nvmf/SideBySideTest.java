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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same commands of nvme-cli to this target and to the kernel's own, on one Linux host. Prints
 * where they differ and why; a difference that {@link Differences} does not explain is a failure.
 *
 * <pre>mvn -pl system-tests -am test -Dtest=SideBySideTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@NeedsKernelHost
class SideBySideTest {
    private static final Duration LIMIT = Duration.ofMinutes(8);
    private static final String MARK = "=== ";

    @TempDir private Path directory;

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

    private static void compare(
            Probe probe, Probe.Outcome own, Probe.Outcome theirs, List<String> unexplained) {
        Set<String> names = new LinkedHashSet<>(Set.of(Probe.Outcome.STATUS));
        if (own.isOk() && theirs.isOk() && !probe.name().startsWith("get-log ")) {
            names.addAll(own.fields().keySet());
            names.addAll(theirs.fields().keySet());
        }
        for (String name : names) {
            String mine = own.fields().getOrDefault(name, "-");
            String other = theirs.fields().getOrDefault(name, "-");
            if (!mine.equals(other)) {
                String why = Differences.why(probe.name(), name);
                System.out.printf(
                        "%-34s %-14s %-34.34s %-34.34s %s%n",
                        probe.name(), name, mine, other, why.isEmpty() ? "?" : why);
                if (why.isEmpty()) {
                    unexplained.add(probe.name() + " / " + name + ": " + mine + " <> " + other);
                }
            }
        }
    }
}
