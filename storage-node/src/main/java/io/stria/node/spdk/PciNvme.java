package io.stria.node.spdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An NVMe controller on the PCI bus.
 *
 * @param driver of the kernel that has it; "" for none
 */
public record PciNvme(String address, String driver) {
    private static final String NVME_CLASS = "0x010802";
    private static final List<String> USABLE = List.of("vfio-pci", "uio_pci_generic", "igb_uio");

    /** Whether SPDK can take it as it is. */
    public boolean isUsable() {
        return USABLE.contains(driver);
    }

    /** All that the kernel shows. */
    public static List<PciNvme> all() {
        return in(Path.of("/sys/bus/pci/devices"));
    }

    static List<PciNvme> in(Path devices) {
        try (Stream<Path> entries = Files.list(devices)) {
            return entries.filter(PciNvme::isNvme)
                    .map(PciNvme::of)
                    .sorted(java.util.Comparator.comparing(PciNvme::address))
                    .toList();
        } catch (IOException e) {
            return List.of(); // no PCI bus
        }
    }

    private static boolean isNvme(Path device) {
        try {
            return Files.readString(device.resolve("class")).strip().equals(NVME_CLASS);
        } catch (IOException e) {
            return false;
        }
    }

    private static PciNvme of(Path device) {
        String address = String.valueOf(device.getFileName());
        try {
            Path driver = Files.readSymbolicLink(device.resolve("driver"));
            return new PciNvme(address, String.valueOf(driver.getFileName()));
        } catch (IOException e) {
            return new PciNvme(address, "");
        }
    }
}
