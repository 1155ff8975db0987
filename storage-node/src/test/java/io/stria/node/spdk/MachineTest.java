package io.stria.node.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir private Path pci;

    @Test
    void theKernelSaysHowManyThereAre() {
        HugePages pages =
                HugePages.parse(
                        List.of(
                                "MemTotal:       16 kB",
                                "HugePages_Total:     256",
                                "HugePages_Free:      200",
                                "Hugepagesize:       2048 kB"));
        assertEquals(new HugePages(256, 200, 2 << 20), pages);
        assertEquals(400L << 20, pages.freeBytes());
        assertEquals(0, HugePages.parse(List.of()).freeBytes());
    }

    @Test
    void nvmeDevicesOfTheBusAreListedWithTheirDrivers() throws IOException {
        device("0000:01:00.0", "0x010802", "nvme");
        device("0000:02:00.0", "0x010802", "vfio-pci");
        device("0000:03:00.0", "0x010802", "");
        device("0000:04:00.0", "0x020000", "e1000");
        assertEquals(
                List.of(
                        new PciNvme("0000:01:00.0", "nvme"),
                        new PciNvme("0000:02:00.0", "vfio-pci"),
                        new PciNvme("0000:03:00.0", "")),
                PciNvme.in(pci));
        assertEquals(
                List.of(false, true, false),
                PciNvme.in(pci).stream().map(PciNvme::isUsable).toList());
        assertEquals(List.of(), PciNvme.in(pci.resolve("missing")));
    }

    private void device(String address, String kind, String driver) throws IOException {
        Path device = Files.createDirectory(pci.resolve(address));
        Files.writeString(device.resolve("class"), kind + "\n");
        if (!driver.isEmpty()) {
            Files.createSymbolicLink(
                    device.resolve("driver"), Path.of("../../../bus/pci/drivers", driver));
        }
    }
}
