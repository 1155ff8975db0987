package io.stria.runtime.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.spdk.ReservationReport.Registrant;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReservationReportTest {
    private static final String NOTHING_8 = "0000000000000000";
    private static final String NOTHING_32 = NOTHING_8.repeat(4);

    private static MemorySegment report(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return MemorySegment.ofArray(Arrays.copyOf(bytes, ReservationReport.BYTES));
    }

    @Test
    void everyRegistrantIsFoundWithItsKey() {
        String header = "05000000" + "01" + "0200" + "00" + NOTHING_8.repeat(7);
        String first =
                "0100"
                        + "00"
                        + "0000000000"
                        + "8877665544332211"
                        + "00112233445566778899aabbccddeeff"
                        + NOTHING_32;
        String second =
                "ffff"
                        + "01"
                        + "0000000000"
                        + "fedcba9876543210"
                        + "00112233445566778899aabbccddee00"
                        + NOTHING_32;
        ReservationReport found =
                ReservationReport.decode(report(header + first + second)).orElseThrow();
        Registrant holder = new Registrant(0x1032547698badcfeL, true);
        Registrant other = new Registrant(0x1122334455667788L, false);
        assertEquals(new ReservationReport(1, List.of(other, holder)), found);
        assertEquals(Optional.of(holder), found.holder());
        assertEquals(Optional.of(other), found.other(holder.key()));
        assertTrue(found.isHeldBy(holder.key()));
        assertFalse(found.isHeldBy(other.key()));
        assertTrue(found.knows(other.key()));
    }

    @Test
    void nobodyIsRegisteredAtFirst() {
        ReservationReport found = ReservationReport.decode(report("")).orElseThrow();
        assertEquals(new ReservationReport(0, List.of()), found);
        assertFalse(found.isHeldBy(0));
    }

    @Test
    void aReservationUnderWhichOthersWriteIsNotHeld() {
        List<Registrant> holder = List.of(new Registrant(7, true));
        assertTrue(new ReservationReport(1, holder).isHeldBy(7));
        assertFalse(new ReservationReport(3, holder).isHeldBy(7), "registrants write, too");
    }

    @Test
    void moreThanThereIsRoomForAreNotTakenForAll() {
        assertTrue(ReservationReport.decode(report("00000000" + "01" + "3f00")).isPresent());
        assertEquals(
                Optional.empty(), ReservationReport.decode(report("00000000" + "01" + "4000")));
    }
}
