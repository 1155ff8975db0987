package io.stria.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stria.node.NodeEngine;
import io.stria.node.spdk.HugePages;
import io.stria.node.spdk.PciNvme;
import io.stria.runtime.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code stria doctor}. */
@Command(
        name = "doctor",
        description = "Say what this machine has of what Stria uses.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final long SPACE_BYTES = 1L << 30;

    @Mixin private Output output = new Output();
    private final ArrayNode findings = JsonNodeFactory.instance.arrayNode();

    @Override
    public Integer call() {
        add("jdk", true, Runtime.version() + " in " + System.getProperty("java.home"));
        add("kernel", true, System.getProperty("os.name") + " " + System.getProperty("os.version"));
        engine();
        memlock();
        space();
        spdk();
        boolean good = true;
        Table table = new Table("WHAT", "GOOD", "FOUND");
        for (var finding : findings) {
            boolean ok = finding.path("ok").asBoolean();
            good &= ok;
            String verdict = ok ? "yes" : "NO";
            table.row(
                    finding.path("what").asText(),
                    finding.path("needed").asBoolean() ? verdict : "-",
                    finding.path("found").asText());
        }
        output.print(findings, table::toString);
        return good ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Which engine nodes will run on; either will do. */
    private void engine() {
        add("engine", true, NodeEngine.describeAutomaticChoice());
    }

    /** Nodes need none; buffers registered with io_uring would, and SPDK with vfio does. */
    private void memlock() {
        try {
            String found =
                    Files.readAllLines(Path.of("/proc/self/limits")).stream()
                            .filter(line -> line.startsWith("Max locked memory"))
                            .findFirst()
                            .map(line -> line.substring("Max locked memory".length()).strip())
                            .orElse("unknown");
            add(
                    "memlock",
                    false,
                    true,
                    "limit "
                            + found.split("\\s+")[0]
                            + " bytes; only SPDK with vfio needs it (ulimit -l unlimited)");
        } catch (IOException e) {
            add("memlock", false, true, "unknown; not needed");
        }
    }

    private void spdk() {
        SpdkFindings spdk = new SpdkFindings(System.getenv());
        boolean asked = spdk.isAskedFor();
        add("spdk", asked, !asked || spdk.refusal().isEmpty(), spdk.library());
        add("spdk fence", asked, true, spdk.fence());
        add("huge pages", asked, true, spdk.hugePages(HugePages.now()));
        add("iommu", asked, true, spdk.iommu());
        add("nvme on pci", asked, true, spdk.pci(PciNvme.all()));
        add("cores", true, spdk.cores(Runtime.getRuntime().availableProcessors()));
    }

    private void space() {
        Path here = Path.of("").toAbsolutePath();
        long free = here.toFile().getUsableSpace();
        add(
                "space",
                free >= SPACE_BYTES,
                String.format(Locale.ROOT, "%s free in %s", Sizes.format(free), here));
    }

    private void add(String what, boolean ok, String found) {
        add(what, true, ok, found);
    }

    /**
     * @param needed by nodes as they would start here; for the rest there is no verdict
     */
    private void add(String what, boolean needed, boolean ok, String found) {
        findings.addObject()
                .put("what", what)
                .put("needed", needed)
                .put("ok", ok)
                .put("found", found);
    }
}
