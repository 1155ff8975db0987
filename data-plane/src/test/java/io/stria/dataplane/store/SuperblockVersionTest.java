package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class SuperblockVersionTest {
    private static final long DEVICE_BYTES = 64 << 20;
    private static final Layout PLANNED = Layout.plan(DEVICE_BYTES, 4096, 8, 1 << 20);

    @Test
    void aDeviceOfVersionOneIsOpenedAndHasNoShadows() {
        Layout old =
                new Layout(
                        8,
                        4096,
                        PLANNED.ringOffset(),
                        PLANNED.ringBytes(),
                        0,
                        PLANNED.ringOffset() + PLANNED.ringBytes(),
                        PLANNED.pages());
        SuperblockChoice choice = choose(old, 1);
        assertNull(choice.refusal());
        Superblock found = choice.superblock();
        assertNotNull(found);
        assertEquals(old, found.layout());
    }

    @Test
    void aDeviceOfThisVersionKeepsItsShadows() {
        Superblock found = choose(PLANNED, 2).superblock();
        assertNotNull(found);
        assertEquals(PLANNED, found.layout());
        assertTrue(found.layout().shadows() >= 4);
    }

    @Test
    void aDeviceOfALaterVersionIsRefused() {
        assertEquals(
                "the device has format version 3, and this program knows versions 1 to 2",
                choose(PLANNED, 3).refusal());
    }

    private static SuperblockChoice choose(Layout layout, int version) {
        Area area = new Area(Arena.ofAuto(), 2L * Superblock.BYTES);
        for (int copy = 0; copy < 2; copy++) {
            int at = copy * Superblock.BYTES;
            new Superblock(1, StoreHarness.IDENTITY, layout, 5).encode(area, at);
            area.putInt(at + 12, version);
            area.putInt(at + 8, area.crc(at + 12, Superblock.BYTES - 12));
        }
        return SuperblockChoice.of(area, StoreHarness.IDENTITY, 4096, DEVICE_BYTES);
    }
}
