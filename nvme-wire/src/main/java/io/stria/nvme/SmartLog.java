package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;

/**
 * SMART and health log (02h), 512 bytes. The fields that Stria sets:
 *
 * <pre>
 *   1 temperature 2 (Kelvin) | 3 available spare (percent) | 4 spare threshold
 *   32 data units read 16 | 48 data units written 16 | 64 reads 16 | 80 writes 16
 *   160 media errors 16 | 176 entries of the error log, over its life 16
 *
 *   A data unit is 1000 x 512 bytes, rounded up.
 * </pre>
 */
public final class SmartLog {
    public static final int BYTES = 512;
    public static final int TEMPERATURE = 1;
    public static final int SPARE = 3;
    public static final int SPARE_THRESHOLD = 4;
    public static final int UNITS_READ = 32;
    public static final int UNITS_WRITTEN = 48;
    public static final int READS = 64;
    public static final int WRITES = 80;
    public static final int MEDIA_ERRORS = 160;
    public static final int ERROR_ENTRIES = 176;

    /** A volume has no temperature; hosts take zero for a broken sensor. */
    private static final int ROOM_TEMPERATURE_KELVIN = 300;

    private static final long UNIT_BYTES = 512_000;

    private SmartLog() {}

    public static void write(
            MemorySegment data,
            long offset,
            long reads,
            long bytesRead,
            long writes,
            long bytesWritten,
            long mediaErrors,
            long errorEntries) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        put16(data, offset + TEMPERATURE, ROOM_TEMPERATURE_KELVIN);
        put8(data, offset + SPARE, 100);
        put8(data, offset + SPARE_THRESHOLD, 10);
        put64(data, offset + UNITS_READ, Math.ceilDiv(bytesRead, UNIT_BYTES));
        put64(data, offset + UNITS_WRITTEN, Math.ceilDiv(bytesWritten, UNIT_BYTES));
        put64(data, offset + READS, reads);
        put64(data, offset + WRITES, writes);
        put64(data, offset + MEDIA_ERRORS, mediaErrors);
        put64(data, offset + ERROR_ENTRIES, errorEntries);
    }
}
