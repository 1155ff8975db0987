package io.stria.runtime.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReservationKeyTest {
    private static final UUID NODE = new UUID(0x1111_2222_3333_4444L, 0x0101_0202_0303_0404L);
    private static final SpdkOwner OWNER = new SpdkOwner(NODE, new UUID(1, 1));

    @Test
    void startsOfANodeKnowEachOther() {
        long key = ReservationKey.of(OWNER, 0xABCD_EF01_2345_6789L);
        assertEquals(0x2020_6060_2345_6788L, key);
        assertEquals(0x2020_6060_2345_6789L, ReservationKey.fenced(key));
        SpdkOwner otherDevice = new SpdkOwner(NODE, new UUID(2, 2));
        assertTrue(ReservationKey.isOf(otherDevice, key));
        assertTrue(ReservationKey.isOf(OWNER, ReservationKey.fenced(key)));
        SpdkOwner otherNode = new SpdkOwner(new UUID(5, 6), new UUID(1, 1));
        assertFalse(ReservationKey.isOf(otherNode, key));
    }

    @Test
    void onlyAStartThatHasFencedOthersSaysSo() {
        long key = ReservationKey.of(OWNER, -1);
        assertFalse(ReservationKey.isFenced(key));
        assertTrue(ReservationKey.isFenced(ReservationKey.fenced(key)));
    }

    /** NVMe takes zero for no key. */
    @Test
    void noKeyIsZero() {
        SpdkOwner zero = new SpdkOwner(new UUID(0, 0), new UUID(1, 1));
        assertNotEquals(0, ReservationKey.of(zero, 0));
        assertNotEquals(0, ReservationKey.of(zero, 1));
    }
}
