package io.stria.fuzz.planted;

import java.nio.ByteBuffer;

/** A decoder with a bug that no luck finds: two of its words must have one value each. */
public final class PlantedBug {
    private PlantedBug() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length < 12) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt() == 0x53545249 && in.getLong() == 0x4120_6C61_6E64_6D31L) {
            throw new IllegalStateException("planted");
        }
    }
}
