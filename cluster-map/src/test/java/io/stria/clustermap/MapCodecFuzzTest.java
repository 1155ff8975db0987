package io.stria.clustermap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.util.Arrays;

/**
 * The first byte says what the others are: a whole encoding, or the body of a full map or a delta
 * that gets a header with the right length and checksum, of one format version or the other.
 */
class MapCodecFuzzTest extends FuzzTest {
    private static final ClusterMap BASE = SampleMaps.everything();

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        AllocationBound.hold(
                (1 << 18) + 1000L * input.length,
                () -> decode(input[0] & 3, 1 + (input[0] >> 2 & 1), rest));
    }

    private static void decode(int kind, int version, byte[] rest) {
        switch (kind) {
            case 0 -> full(rest);
            case 1 -> delta(rest);
            case 2 -> full(Envelope.wrap(Envelope.KIND_FULL, version, rest));
            default -> delta(Envelope.wrap(Envelope.KIND_DELTA, version, rest));
        }
    }

    private static void full(byte[] bytes) {
        try {
            ClusterMap map = MapCodec.decodeFull(bytes);
            assertArrayEquals(bytes, MapCodec.encodeFull(map));
        } catch (MapFormatException e) {
            says(e);
        }
    }

    private static void delta(byte[] bytes) {
        try {
            ClusterMap map = MapCodec.applyDelta(BASE, bytes);
            assertTrue(map.epoch() > BASE.epoch());
            assertEquals(map, MapCodec.decodeFull(MapCodec.encodeFull(map)));
            assertEquals(map, MapCodec.applyDelta(BASE, MapCodec.encodeDelta(BASE, map)));
        } catch (MapFormatException e) {
            says(e);
        }
    }

    private static void says(MapFormatException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
    }
}
