package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.putText;

import java.lang.foreign.MemorySegment;

/**
 * Firmware slot log (03h), 512 bytes: one slot.
 *
 * <pre>
 *   0 AFI (active slot 2:0) | 8 FRS1: revision in slot 1, 8 bytes
 * </pre>
 */
public final class FirmwareSlotLog {
    public static final int BYTES = 512;
    public static final int AFI = 0;
    public static final int FRS1 = 8;

    private FirmwareSlotLog() {}

    public static void write(MemorySegment data, long offset, String firmware) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        put8(data, offset + AFI, 1);
        putText(data, offset + FRS1, IdentifyController.FR_BYTES, firmware, ' ');
    }
}
