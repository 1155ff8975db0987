package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads a stream, whole or cut at random, and writes down what the reader made of it. */
final class PduLog implements PduReader.Handler {
    private final PduReader reader;
    private final PduLimits limits;
    private final @Nullable RandomGenerator cuts;
    private final StringBuilder text = new StringBuilder();
    private final CRC32C crc = new CRC32C();
    private int dataLeft;

    PduLog(Arena arena, PduLimits limits, @Nullable RandomGenerator cuts) {
        this.reader = new PduReader(arena, limits, this);
        this.limits = limits;
        this.cuts = cuts;
    }

    void read(MemorySegment stream, boolean headerDigests, boolean dataDigests) {
        reader.useDigests(headerDigests, dataDigests);
        long at = 0;
        while (at < stream.byteSize() && reader.error() == null) {
            int left = (int) (stream.byteSize() - at);
            int length = cuts == null ? left : 1 + cuts.nextInt(Math.min(left, 200));
            int taken = reader.read(stream, at, length);
            assertTrue(taken >= 0 && taken <= length);
            at += taken;
        }
        // A header that had no room at the end of the stream.
        while (reader.isWaiting() && reader.error() == null) {
            assertEquals(0, reader.read(stream, at, 0));
        }
        PduError error = reader.error();
        if (error != null) {
            text.append(error);
            assertNotNull(FatalErrorStatus.of(error.status().code()));
            assertTrue(!error.reason().isBlank());
            assertEquals(0, reader.read(stream, 0, (int) stream.byteSize()));
        }
    }

    String text() {
        return text.toString();
    }

    long faultyHeaderBytes() {
        return reader.faultyHeader().byteSize();
    }

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        if (cuts != null && cuts.nextInt(4) == 0) {
            return false;
        }
        assertEquals(type, PduType.of(PduHeader.type(pdu, offset)));
        assertEquals(limits.fromHost(), type.fromHost());
        assertTrue(dataBytes >= 0 && dataBytes <= limits.dataPduBytes());
        assertTrue(type != PduType.CAPSULE_CMD || dataBytes <= limits.capsuleDataBytes());
        dataLeft = dataBytes;
        crc.reset();
        byte[] header = new byte[type.headerBytes()];
        MemorySegment.copy(pdu, ValueLayout.JAVA_BYTE, offset, header, 0, header.length);
        text.append(type).append(' ').append(dataBytes);
        text.append(' ').append(Arrays.hashCode(header)).append('\n');
        return true;
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        assertTrue(length > 0 && length <= dataLeft);
        dataLeft -= length;
        crc.update(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void onEnd(boolean dataIntact) {
        assertEquals(0, dataLeft);
        text.append(crc.getValue()).append(dataIntact ? " end\n" : " broken\n");
    }
}
