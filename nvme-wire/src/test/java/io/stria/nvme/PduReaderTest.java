package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PduReaderTest {
    private static final PduLimits LIMITS = new PduLimits(true, 8192, 16384, 4);

    private final Arena arena = Arena.ofConfined();
    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private boolean room = true;
    private int offers;

    private final PduReader.Handler handler =
            new PduReader.Handler() {
                @Override
                public boolean onHeader(
                        PduType type, MemorySegment pdu, long offset, int dataBytes) {
                    offers++;
                    if (!room) {
                        return false;
                    }
                    heard.add(type + " " + dataBytes);
                    return true;
                }

                @Override
                public void onData(MemorySegment source, long offset, int length) {
                    data.writeBytes(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
                }

                @Override
                public void onEnd(boolean dataIntact) {
                    heard.add(dataIntact ? "end" : "broken");
                }
            };

    private final PduReader reader = new PduReader(arena, LIMITS, handler);

    @AfterEach
    void closeArena() {
        arena.close();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A PDU with data, digests and padding as asked for. */
    private static byte[] pdu(
            PduType type, byte[] payload, int alignment, boolean hdgst, boolean ddgst) {
        byte[] head = new byte[type.headerBytes()];
        MemorySegment segment = MemorySegment.ofArray(head);
        PduHeader.write(segment, 0, type);
        if (type == PduType.H2C_DATA) {
            DataPdu.write(segment, 0, type, PduHeader.FLAG_LAST, 1, 1, 0, payload.length);
        }
        int pdo = PduHeader.frame(segment, 0, payload.length, alignment, hdgst, ddgst);
        byte[] digest = littleEndian(new Digest().of(segment, 0, head.length));
        byte[] headDigest = hdgst ? digest : new byte[0];
        if (payload.length == 0) {
            return concat(head, headDigest);
        }
        byte[] padding = new byte[pdo - head.length - headDigest.length];
        int crc = new Digest().of(MemorySegment.ofArray(payload), 0, payload.length);
        return concat(head, headDigest, padding, payload, ddgst ? littleEndian(crc) : new byte[0]);
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {
            (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
        };
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private int read(byte[] bytes) {
        return reader.read(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private PduError errorAfter(byte[] bytes) {
        read(bytes);
        PduError error = reader.error();
        assertNotNull(error);
        return error;
    }

    @Test
    void cutsAStreamAtEveryPossibleBoundary() {
        reader.useDigests(true, true);
        byte[] stream =
                concat(
                        pdu(PduType.IC_REQ, new byte[0], 4, false, false),
                        pdu(PduType.CAPSULE_CMD, pattern(13), 4, true, true),
                        pdu(PduType.H2C_DATA, pattern(40), 4, true, true),
                        pdu(PduType.CAPSULE_CMD, new byte[0], 4, true, true));
        byte[] expectedData = concat(pattern(13), pattern(40));
        List<String> expected =
                List.of(
                        "IC_REQ 0",
                        "end",
                        "CAPSULE_CMD 13",
                        "end",
                        "H2C_DATA 40",
                        "end",
                        "CAPSULE_CMD 0",
                        "end");
        for (int first = 0; first <= stream.length; first++) {
            heard.clear();
            data.reset();
            assertEquals(first, read(Arrays.copyOf(stream, first)));
            byte[] rest = Arrays.copyOfRange(stream, first, stream.length);
            assertEquals(rest.length, read(rest));
            assertEquals(expected, heard, "cut at " + first);
            assertTrue(Arrays.equals(expectedData, data.toByteArray()), "cut at " + first);
        }
    }

    @Test
    void takesAStreamByteByByte() {
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(100), 4, false, false);
        for (byte one : stream) {
            assertEquals(1, read(new byte[] {one}));
        }
        assertEquals(List.of("CAPSULE_CMD 100", "end"), heard);
        assertTrue(Arrays.equals(pattern(100), data.toByteArray()));
    }

    @Test
    void offersAHeaderAgainUntilThereIsRoom() {
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(100), 4, false, false);
        room = false;
        int taken = read(stream);
        assertEquals(72, taken);
        assertTrue(reader.isWaiting());
        byte[] rest = Arrays.copyOfRange(stream, taken, stream.length);
        assertEquals(0, read(rest));
        assertTrue(heard.isEmpty());
        room = true;
        assertEquals(100, read(rest));
        assertFalse(reader.isWaiting());
        assertEquals(List.of("CAPSULE_CMD 100", "end"), heard);
    }

    @Test
    void offersAHeaderOnceInEachRead() {
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(100), 4, false, false);
        room = false;
        int taken = read(stream);
        assertEquals(1, offers);
        read(Arrays.copyOfRange(stream, taken, stream.length));
        assertEquals(2, offers);
    }

    @Test
    void knowsWhetherItIsInTheMiddleOfAPdu() {
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(100), 4, false, false);
        assertFalse(reader.isInside());
        for (int i = 0; i < stream.length; i++) {
            read(new byte[] {stream[i]});
            assertEquals(i < stream.length - 1, reader.isInside(), "after byte " + i);
        }
    }

    @Test
    void offersAHeaderAgainWithoutNewBytes() {
        room = false;
        read(pdu(PduType.CAPSULE_CMD, new byte[0], 4, false, false));
        room = true;
        assertEquals(0, read(new byte[0]));
        assertEquals(List.of("CAPSULE_CMD 0", "end"), heard);
    }

    @Test
    void skipsPaddingUpToTheDataOffset() {
        PduReader padded = new PduReader(arena, new PduLimits(true, 8192, 16384, 128), handler);
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(5), 128, false, false);
        assertEquals(128 + 5, stream.length);
        assertEquals(133, padded.read(MemorySegment.ofArray(stream), 0, 133));
        assertTrue(Arrays.equals(pattern(5), data.toByteArray()));
    }

    @Test
    void reportsABrokenDataDigestAndGoesOn() {
        reader.useDigests(false, true);
        byte[] broken = pdu(PduType.CAPSULE_CMD, pattern(64), 4, false, true);
        broken[80] ^= 1;
        read(broken);
        read(pdu(PduType.CAPSULE_CMD, pattern(64), 4, false, true));
        assertEquals(List.of("CAPSULE_CMD 64", "broken", "CAPSULE_CMD 64", "end"), heard);
        assertNull(reader.error());
    }

    @Test
    void refusesABrokenHeaderDigest() {
        reader.useDigests(true, false);
        byte[] broken = pdu(PduType.CAPSULE_CMD, new byte[0], 4, true, false);
        broken[20] ^= 1;
        PduError error = errorAfter(broken);
        assertEquals(FatalErrorStatus.HEADER_DIGEST_ERROR, error.status());
        assertEquals(LittleEndian.i32(MemorySegment.ofArray(broken), 72), error.information());
        assertTrue(heard.isEmpty());
    }

    @Test
    void refusesAPduWithoutTheDigestsAgreedOn() {
        reader.useDigests(true, false);
        PduError error = errorAfter(pdu(PduType.CAPSULE_CMD, new byte[0], 4, false, false));
        assertEquals(PduError.header(PduHeader.FLAGS, error.reason()), error);
    }

    @Test
    void refusesUnknownTypesAndThoseOfTheOtherSide() {
        assertEquals(
                FatalErrorStatus.INVALID_PDU_HEADER,
                errorAfter(Hex.bytes("08 00 18 00 18 00 00 00")).status());
        PduReader other = new PduReader(arena, LIMITS, handler);
        other.read(Hex.segment("05 00 18 00 18 00 00 00"), 0, 8);
        PduError error = other.error();
        assertNotNull(error);
        assertEquals(FatalErrorStatus.PDU_SEQUENCE_ERROR, error.status());
    }

    private void assertRefused(String header, FatalErrorStatus status, int information) {
        PduReader fresh = new PduReader(arena, LIMITS, handler);
        MemorySegment pdu = Hex.segment(header, 128);
        fresh.read(pdu, 0, 128);
        PduError error = fresh.error();
        assertNotNull(error, header);
        assertEquals(status, error.status(), header);
        assertEquals(information, error.information(), header);
        assertTrue(fresh.faultyHeader().byteSize() >= 8);
        assertEquals(0, fresh.read(pdu, 0, 128), "consumes nothing after an error");
        assertEquals(List.of(), heard, "a refused header reaches nobody: " + header);
    }

    @Test
    void theMostDataThatIsAllowedIsTaken() {
        read(pdu(PduType.CAPSULE_CMD, pattern(8192), 4, false, false));
        read(pdu(PduType.H2C_DATA, pattern(16384), 4, false, false));
        assertNull(reader.error());
        assertEquals(List.of("CAPSULE_CMD 8192", "end", "H2C_DATA 16384", "end"), heard);
    }

    @Test
    void refusesDataWithoutTheDigestAgreedOn() {
        reader.useDigests(false, true);
        PduError error = errorAfter(pdu(PduType.CAPSULE_CMD, pattern(512), 4, false, false));
        assertEquals(PduError.header(PduHeader.FLAGS, error.reason()), error);
        assertTrue(error.reason().startsWith("no data digest: "), error.reason());
        assertEquals(List.of(), heard);
    }

    @Test
    void whatIsWrongIsSaidWithTheHeadersNumbers() {
        String reason = errorAfter(Hex.bytes("04 00 47 00 48 00 00 00")).reason();
        assertTrue(reason.startsWith("header length: "), reason);
        assertTrue(reason.contains("71"), reason);
        assertTrue(reason.contains("72"), reason);
    }

    @Test
    void checksEveryLengthBeforeItIsUsed() {
        FatalErrorStatus header = FatalErrorStatus.INVALID_PDU_HEADER;
        assertRefused("04 00 47 00 48 00 00 00", header, PduHeader.HLEN);
        assertRefused("00 00 48 00 80 00 00 00", header, PduHeader.HLEN);
        assertRefused("04 00 48 00 47 00 00 00", header, PduHeader.PLEN);
        assertRefused("04 00 48 47 49 00 00 00", header, PduHeader.PDO);
        assertRefused("04 00 48 49 4b 00 00 00", header, PduHeader.PDO);
        assertRefused("04 00 48 4c 4c 00 00 00", header, PduHeader.PLEN);
        assertRefused("06 00 18 18 18 00 00 00", header, PduHeader.PLEN);
        assertRefused("00 00 80 00 81 00 00 00", header, PduHeader.PLEN);
        assertRefused("02 00 18 00 17 00 00 00", header, PduHeader.PLEN);
        assertRefused("02 00 18 00 99 00 00 00", header, PduHeader.PLEN);
        FatalErrorStatus limit = FatalErrorStatus.DATA_LIMIT_EXCEEDED;
        assertRefused("04 00 48 48 49 20 00 00", limit, 0);
        assertRefused("04 00 48 48 ff ff ff ff", limit, 0);
        assertRefused("06 00 18 18 19 40 00 00", limit, 0);
        assertRefused(
                "06 00 18 18 1c 00 00 00 00 00 00 00 00 00 00 00 05 00 00 00",
                header,
                DataPdu.DATAL);
    }

    @Test
    void handsTheCopiedHeaderOfATermReqOver() {
        byte[] term = new byte[32];
        MemorySegment faulty = Hex.segment("01 02 03 04 05 06 07 08");
        PduError reason = PduError.sequence("test");
        TermReq.write(MemorySegment.ofArray(term), 0, PduType.H2C_TERM_REQ, reason, faulty, 0, 8);
        assertEquals(32, read(term));
        assertEquals(List.of("H2C_TERM_REQ 8", "end"), heard);
        assertEquals(8, data.size());
    }

    @Test
    void stopsWhenTheHandlerSeesAViolation() {
        PduReader[] self = new PduReader[1];
        PduReader.Handler strict =
                new PduReader.Handler() {
                    @Override
                    public boolean onHeader(
                            PduType type, MemorySegment pdu, long offset, int dataBytes) {
                        self[0].fail(PduError.sequence("not now"));
                        return true;
                    }

                    @Override
                    public void onData(MemorySegment source, long offset, int length) {
                        heard.add("data");
                    }

                    @Override
                    public void onEnd(boolean dataIntact) {
                        heard.add("end");
                    }
                };
        self[0] = new PduReader(arena, LIMITS, strict);
        byte[] stream = pdu(PduType.CAPSULE_CMD, pattern(100), 4, false, false);
        self[0].read(MemorySegment.ofArray(stream), 0, stream.length);
        assertTrue(heard.isEmpty());
        assertEquals(72, self[0].faultyHeader().byteSize());
    }

    @Test
    void survivesRandomBytes() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            PduReader fresh = new PduReader(arena, LIMITS, handler);
            byte[] bytes = new byte[200];
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(10);
            if (random.nextBoolean()) {
                PduType type = PduType.of(bytes[0]);
                bytes[2] = type == null ? 24 : (byte) type.headerBytes();
                bytes[5] &= 0x3F;
                bytes[6] = 0;
                bytes[7] = 0;
            }
            int consumed = fresh.read(MemorySegment.ofArray(bytes), 0, bytes.length);
            assertTrue(consumed >= 0 && consumed <= bytes.length, "round " + round);
        }
    }
}
