package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.store.DeviceIdentity;
import org.junit.jupiter.api.Test;

class StripeLayoutTest {
    private static final int VUID = 77;

    /** With each scheme and size of pages; the largest volume that the map takes. */
    @Test
    void theLastBlockOfTheLargestVolumeHasAddressesOfItsOwnAndNoneBehindItHas() {
        for (int n = 1; n <= 8; n *= 2) {
            for (int m = DeviceIdentity.PAGE_SHIFT_MIN; m <= DeviceIdentity.PAGE_SHIFT_MAX; m++) {
                StripeLayout layout = new StripeLayout(VUID, new Scheme(n), m);
                long blocks = VolumeEntry.sizeBytesMax(new Scheme(n), m) / 4096;
                long page = layout.page(blocks - 1);
                int index = layout.indexInPage(blocks - 1);
                for (int chunk = 0; chunk < layout.fragments(); chunk++) {
                    long address = layout.address(page, chunk, index);
                    assertEquals(VUID, DeviceAddress.vuid(address));
                    assertEquals(blocks - 1, layout.blockOf(address));
                    assertEquals(chunk, layout.chunkOf(address));
                }
                assertEquals(page + 1, layout.page(blocks), "it ends with a whole page");
                int last = layout.fragments() - 1;
                assertThrows(
                        IllegalArgumentException.class, () -> layout.address(page + 1, last, 0));
            }
        }
    }

    @Test
    void noVolumeOutOfRangeHasAddresses() {
        assertThrows(IllegalArgumentException.class, () -> DeviceAddress.of(1 << 24, 0));
        assertThrows(IllegalArgumentException.class, () -> DeviceAddress.of(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> DeviceAddress.of(1, -1));
        assertEquals(
                Long.MAX_VALUE, DeviceAddress.of(VolumeEntry.VUID_MAX, DeviceAddress.VLBA_MASK));
    }
}
