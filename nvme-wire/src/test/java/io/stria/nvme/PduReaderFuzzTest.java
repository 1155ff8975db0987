package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Byte 0 says who reads and with which digests, byte 1 how the stream is cut and when there is no
 * room; then comes the stream. However it is cut, the same PDUs and the same violation are found.
 */
class PduReaderFuzzTest extends FuzzTest {
    private static final int CAPSULE_DATA_BYTES = 512;
    private static final int STREAM_BYTES_MAX = 8192;

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2 || input.length > STREAM_BYTES_MAX) {
            return;
        }
        AllocationBound.hold((1 << 20) + 500L * input.length, () -> read(input));
    }

    private static void read(byte[] input) {
        try (Arena arena = Arena.ofConfined()) {
            PduLimits limits =
                    new PduLimits(
                            (input[0] & 1) != 0,
                            CAPSULE_DATA_BYTES,
                            IcResp.MAXH2CDATA_MIN,
                            4 << (input[0] >> 3 & 3));
            PduLog whole = new PduLog(arena, limits, null);
            PduLog cut = new PduLog(arena, limits, new SplittableRandom(input[1]));
            boolean header = (input[0] & 2) != 0;
            boolean data = (input[0] & 4) != 0;
            MemorySegment stream = MemorySegment.ofArray(input).asSlice(2);
            whole.read(stream, header, data);
            cut.read(stream, header, data);
            assertEquals(whole.text(), cut.text());
            assertTrue(
                    whole.faultyHeaderBytes() <= TermReq.DATA_BYTES_MAX + PduHeader.DIGEST_BYTES);
        }
    }
}
