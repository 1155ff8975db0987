package io.stria.node.spdk;

import io.stria.runtime.Engine;
import io.stria.runtime.ffm.spdk.SpdkEnvironment;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkConfig;
import io.stria.runtime.spdk.SpdkEngine;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Starts SPDK in this process, with as much as its devices need. */
public final class SpdkStart {
    private static final int MIB = 64;
    private static final int MIB_PER_PCI_DEVICE = 32;

    private SpdkStart() {}

    /**
     * @param below for everything but these devices
     * @throws IOException in one sentence
     */
    public static SpdkEngine over(Engine below, Collection<SpdkAddress> devices)
            throws IOException {
        List<String> pci =
                devices.stream()
                        .filter(device -> device.transport() == SpdkAddress.Transport.PCIE)
                        .map(SpdkAddress::address)
                        .distinct()
                        .toList();
        int mib = MIB + MIB_PER_PCI_DEVICE * pci.size();
        boolean hugePages = HugePages.now().freeBytes() >= (long) mib << 20;
        SpdkEnvironment.start(new SpdkEnvironment.Options(hugePages, mib, pci));
        return new SpdkEngine(below, SpdkConfig.DEFAULT);
    }
}
