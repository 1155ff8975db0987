package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What single numbers mean. */
class CodesTest {
    @Test
    void anOpcodeSaysWhichWayItsDataGoes() {
        for (int code = 0; code < 256; code++) {
            assertEquals(code % 4 == 1, IoOpcode.dataFromHost(code), "code " + code);
            assertEquals(code % 4 == 2, IoOpcode.dataToHost(code), "code " + code);
            assertEquals(code % 4 == 1, FabricsType.dataFromHost(code), "code " + code);
            assertEquals(code % 4 == 2, FabricsType.dataToHost(code), "code " + code);
        }
    }

    @Test
    void aFatalErrorIsFoundByItsCode() {
        for (FatalErrorStatus status : FatalErrorStatus.values()) {
            assertEquals(status, FatalErrorStatus.of(status.code()));
        }
        assertEquals(1, FatalErrorStatus.INVALID_PDU_HEADER.code());
        assertEquals(6, FatalErrorStatus.UNSUPPORTED_PARAMETER.code());
        assertNull(FatalErrorStatus.of(0));
        assertNull(FatalErrorStatus.of(7));
    }

    @Test
    void aStatusSaysWhetherAnotherPathOrAnotherTryMayDoBetter() {
        assertTrue(StatusCode.isPathRelated(StatusCode.ANA_INACCESSIBLE));
        assertTrue(StatusCode.isPathRelated(StatusCode.ANA_TRANSITION | StatusCode.DNR));
        assertFalse(StatusCode.isPathRelated(StatusCode.WRITE_FAULT));
        assertFalse(StatusCode.isPathRelated(StatusCode.DISCOVER_RESTART));
        assertFalse(StatusCode.isPathRelated(0));
        assertTrue(StatusCode.mayRetry(StatusCode.WRITE_FAULT));
        assertFalse(StatusCode.mayRetry(StatusCode.WRITE_FAULT | StatusCode.DNR));
    }

    @Test
    void getFeaturesSelectsOneOfFourValues() {
        assertEquals(0, FeatureId.select(0xFFFF_F8FF));
        assertEquals(5, FeatureId.select(0xFFFF_FDFF));
        assertEquals(7, FeatureId.select(0x0000_0700));
    }

    @Test
    void limitsAreTakenUpToTheirBounds() {
        int least = IcResp.MAXH2CDATA_MIN;
        for (int alignment = 4; alignment <= 128; alignment += 4) {
            PduLimits limits = new PduLimits(true, 0, least, alignment);
            assertEquals(alignment, limits.dataAlignmentBytes());
        }
        for (int alignment : new int[] {0, 3, 5, 129, 132, -4}) {
            refused(() -> new PduLimits(true, 0, least, alignment));
        }
        refused(() -> new PduLimits(true, -1, least, 4));
        refused(() -> new PduLimits(true, 0, least - 1, 4));
    }

    private static void refused(Runnable making) {
        assertThrows(IllegalArgumentException.class, making::run);
    }

    @Test
    void listsOfWhatIsSupportedAreWrittenWhereTheyAreAskedFor() {
        MemorySegment log = MemorySegment.ofArray(new byte[64 + 4096]).fill((byte) 0xEE);
        CommandEffectsLog.clear(log, 64);
        CommandEffectsLog.putAdmin(log, 64, 0x06);
        CommandEffectsLog.putIo(log, 64, 3, 0x01, 0x02);
        assertEquals(1, LittleEndian.i32(log, 64 + 4 * 0x06));
        assertEquals(3, LittleEndian.i32(log, 64 + 1024 + 4 * 0x01));
        assertEquals(3, LittleEndian.i32(log, 64 + 1024 + 4 * 0x02));
        assertEquals(0, LittleEndian.i32(log, 64 + 1024 + 4 * 0x03));
        SupportedFeatures.write(log, 64, 7);
        assertEquals(0x20_0001, LittleEndian.i32(log, 64 + 4 * 7));
        assertEquals(0, LittleEndian.i32(log, 64 + 4 * 6));
    }
}
