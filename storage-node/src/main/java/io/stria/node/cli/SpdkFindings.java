package io.stria.node.cli;

import io.stria.node.spdk.HugePages;
import io.stria.node.spdk.PciNvme;
import io.stria.runtime.Sizes;
import io.stria.runtime.ffm.spdk.SpdkFiles;
import io.stria.runtime.ffm.spdk.SpdkVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code doctor} says of devices through SPDK: what is there, what is missing, and what to do.
 * Nobody needs it who does not ask for such devices, so only what was asked for and cannot be had
 * is bad.
 */
final class SpdkFindings {
    private static final Path IOMMU = Path.of("/sys/kernel/iommu_groups");
    private static final Path VFIO = Path.of("/dev/vfio/vfio");

    private final Map<String, String> environment;

    SpdkFindings(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Whether it was asked for by name. */
    boolean isAskedFor() {
        return !environment.getOrDefault(SpdkFiles.HOME, "").isEmpty();
    }

    /** Why this machine has no SPDK that could be used; empty when it has. */
    String refusal() {
        SpdkFiles files = SpdkFiles.find(environment);
        return files.refusal().isEmpty() ? SpdkVersion.refusal(files) : files.refusal();
    }

    String library() {
        String refusal = refusal();
        if (refusal.isEmpty()) {
            return "SPDK %s in %s"
                    .formatted(
                            SpdkVersion.RELEASE,
                            SpdkFiles.find(environment).libraries().getLast().getParent());
        }
        return "no devices through SPDK: %s. They need SPDK %s, built with --with-shared, and its directory in %s"
                .formatted(refusal, SpdkVersion.RELEASE, SpdkFiles.HOME);
    }

    /** What nobody can see from here. */
    String fence() {
        return "targets behind NVMe/TCP must know reservations (SPDK's own does, the kernel's from 6.13 on where resv_enable is set); others only with fence:none, and acknowledged data at risk";
    }

    String hugePages(HugePages pages) {
        if (pages.total() == 0) {
            return "none: enough for SPDK over NVMe/TCP; for PCIe, sysctl vm.nr_hugepages=256";
        }
        return "%d of %d free, of %s each"
                .formatted(pages.free(), pages.total(), Sizes.format(pages.pageBytes()));
    }

    String iommu() {
        boolean groups = hasEntries(IOMMU);
        String vfio = Files.exists(VFIO) ? "vfio is loaded" : "no vfio (modprobe vfio-pci)";
        return groups
                ? "an IOMMU, " + vfio
                : "no IOMMU, %s; without one SPDK on PCIe needs root, huge pages and uio_pci_generic"
                        .formatted(vfio);
    }

    String pci(List<PciNvme> devices) {
        if (devices.isEmpty()) {
            return "no NVMe device on the PCI bus";
        }
        return devices.stream().map(SpdkFindings::describe).collect(Collectors.joining(", "));
    }

    private static String describe(PciNvme device) {
        String driver = device.driver().isEmpty() ? "no driver" : device.driver();
        return device.isUsable()
                ? "%s (%s: ready for SPDK)".formatted(device.address(), driver)
                : "%s (%s: SPDK needs it bound to vfio-pci)".formatted(device.address(), driver);
    }

    String cores(int cpus) {
        return cpus
                + " CPUs; a node that polls all the time (STRIA_WAITING=poll) wants one of its own";
    }

    private static boolean hasEntries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isPresent();
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
