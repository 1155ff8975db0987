package io.stria.clustermap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MapCodecTest {
    private static final String FULL = "map-v1.hex";
    private static final String DELTA = "delta-v1.hex";

    /** Of {@link SampleMaps#ofSmallLbas}, without the size of its logical blocks. */
    private static final int VOLUME_BYTES = 4 + 16 + 8 + 3 + 8 + 2 + 5 + 2 + 33 + 4 + 4 + 4;

    @Test
    void storedBytesOfVersionOneKeepTheirMeaning() throws MapFormatException {
        byte[] stored = Hex.resource(FULL);
        assertEquals(SampleMaps.everything(), MapCodec.decodeFull(stored));
        assertArrayEquals(stored, MapCodec.encodeFull(SampleMaps.everything()));
    }

    @Test
    void storedDeltaOfVersionOneKeepsItsMeaning() throws MapFormatException {
        ClusterMap from = SampleMaps.everything();
        ClusterMap to = SampleMaps.everythingTwoEpochsLater();
        byte[] stored = Hex.resource(DELTA);
        assertEquals(to, MapCodec.applyDelta(from, stored));
        assertArrayEquals(stored, MapCodec.encodeDelta(from, to));
    }

    /** Nodes and leaders compare it: another encoding of the same map would end all leases. */
    @Test
    void theDigestIsThatOfTheStoredBytes() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Hex.resource(FULL));
        String expected = HexFormat.of().formatHex(hash).substring(0, 32);
        assertEquals(expected, MapCodec.digest(SampleMaps.everything()));
    }

    @Test
    void whateverDiffersInAMapGivesItAnotherDigest() {
        SplittableRandom random = new SplittableRandom(5);
        ClusterMap map = SampleMaps.random(random);
        for (int i = 0; i < 200; i++) {
            ClusterMap next = SampleMaps.successor(map, random);
            ClusterMap sameEpoch =
                    new ClusterMap(
                            next.clusterId(),
                            map.epoch(),
                            next.pageShift(),
                            next.nodes(),
                            next.slots(),
                            next.volumes());
            assertEquals(
                    sameEpoch.equals(map), MapCodec.digest(sameEpoch).equals(MapCodec.digest(map)));
            map = next;
        }
    }

    /** All others are written as before, so that maps of before have the same digest. */
    @Test
    void aNodeThatWasRemovedStaysOne() throws MapFormatException {
        ClusterMap before = SampleMaps.everything();
        NodeEntry offline =
                new NodeEntry(99, "10.0.0.99", 1, 2, 3, "", "", false, NodeState.OFFLINE, 7);
        ClusterMap with = before.withNode(offline);
        ClusterMap after = with.withNode(offline.withState(NodeState.REMOVED, 7));
        byte[] full = MapCodec.encodeFull(after);
        assertEquals(after, MapCodec.decodeFull(full));
        assertTrue(MapCodec.decodeFull(full).isRemoved(99));
        assertEquals(MapCodec.encodeFull(with).length, full.length);
        assertEquals(after, MapCodec.applyDelta(with, MapCodec.encodeDelta(with, after)));
    }

    @Test
    void theFirstVolumeOfSmallLogicalBlocksBringsFormatVersionTwo() throws MapFormatException {
        ClusterMap before = SampleMaps.everything();
        ClusterMap with = before.withVolume(SampleMaps.ofSmallLbas(0x44));
        byte[] full = MapCodec.encodeFull(with);
        assertEquals(1, MapCodec.encodeFull(before)[8]);
        assertEquals(2, full[8]);
        assertEquals(with, MapCodec.decodeFull(full));
        assertEquals(512, MapCodec.decodeFull(full).volume(0x44).orElseThrow().lbaBytes());
        assertEquals(
                MapCodec.encodeFull(before).length + VOLUME_BYTES + 4 * with.volumes().size(),
                full.length);
        assertEquals(with, MapCodec.applyDelta(before, MapCodec.encodeDelta(before, with)));
        ClusterMap after = with.withoutVolume(0x44);
        byte[] delta = MapCodec.encodeDelta(with, after);
        assertEquals(1, delta[8], "nothing is left that older programs do not know");
        assertEquals(after, MapCodec.applyDelta(with, delta));
    }

    @Test
    void pagesThatMoveBringFormatVersionThree() throws MapFormatException {
        ClusterMap before = SampleMaps.everything();
        VolumeEntry still = before.volume(0x42).orElseThrow();
        SlotList wanted = SlotList.wanted(before.slots());
        assertEquals(Set.of(3, 4, 5), wanted.removed());
        Placing moving =
                new Placing(still.placing().to(), wanted, 12_345, 40, new TreeSet<>(Set.of(2)));
        ClusterMap with = before.withVolume(still.withPlacing(moving));
        byte[] full = MapCodec.encodeFull(with);
        assertEquals(3, full[8]);
        assertEquals(with, MapCodec.decodeFull(full));
        assertEquals(moving, MapCodec.decodeFull(full).volume(0x42).orElseThrow().placing());
        assertEquals(with, MapCodec.applyDelta(before, MapCodec.encodeDelta(before, with)));
        ClusterMap after = with.next(with.nodes(), with.slots(), before.volumes());
        byte[] delta = MapCodec.encodeDelta(with, after);
        assertEquals(1, delta[8], "nothing is left that older programs do not know");
        assertEquals(after, MapCodec.applyDelta(with, delta));
    }

    @Test
    void aSlotThatIsAddedLeavesVolumesWhereTheyAre() throws MapFormatException {
        ClusterMap before = SampleMaps.everything();
        DeviceSlot added = new DeviceSlot(6, new UUID(1, 2), 1, 1L << 40, 1024, DeviceState.ONLINE);
        ClusterMap with = before.withSlot(added);
        assertEquals(
                before.volume(0x42).orElseThrow().placing(),
                with.volume(0x42).orElseThrow().placing());
        assertEquals(with, MapCodec.applyDelta(before, MapCodec.encodeDelta(before, with)));
        assertEquals(with, MapCodec.decodeFull(MapCodec.encodeFull(with)));
        assertEquals(
                6, with.listing(with.volume(0x42).orElseThrow().placing().to()).slots().size());
    }

    @Test
    void aCursorBehindTheLastPageIsRefused() {
        ClusterMap map = SampleMaps.everything();
        VolumeEntry volume = map.volume(0x42).orElseThrow();
        Placing moving =
                new Placing(
                        volume.placing().to(),
                        SlotList.wanted(map.slots()),
                        volume.pages(map.pageShift()),
                        41,
                        new TreeSet<>());
        assertEquals(
                "volume data base has 2097152 pages, and its cursor is at 2097152",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> map.withVolume(volume.withPlacing(moving)))
                        .getMessage());
        Placing longer = Placing.settled(new SlotList(7, java.util.Collections.emptySortedSet()));
        assertEquals(
                "volume data base is placed on 7 slots, and there are 6",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> map.withVolume(volume.withPlacing(longer)))
                        .getMessage());
    }

    @Test
    void aVersionThatTheMapDoesNotNeedIsRefused() {
        ClusterMap before = SampleMaps.everything();
        byte[] full =
                MapCodec.encodeFull(before.withVolume(SampleMaps.ofSmallLbas(0x01000000 - 1)));
        int lbaBytesAt = full.length - 4;
        assertEquals(2, full[lbaBytesAt + 1]);
        full[lbaBytesAt + 1] = 0x10;
        assertEquals(
                "the cluster map has format version 2, and needs version 1",
                reason(() -> MapCodec.decodeFull(sealed(full))));
        full[lbaBytesAt + 1] = 0x04;
        assertEquals(
                "volume small has logical blocks of 1024 bytes, which are neither 4096 nor 512",
                reason(() -> MapCodec.decodeFull(sealed(full))));
    }

    @Test
    void randomMapsAndDeltasComeBackEqual() throws MapFormatException {
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ClusterMap map = SampleMaps.random(random);
            ClusterMap next = SampleMaps.successor(map, random);
            assertEquals(map, MapCodec.decodeFull(MapCodec.encodeFull(map)), "seed " + seed);
            byte[] delta = MapCodec.encodeDelta(map, next);
            assertEquals(next, MapCodec.applyDelta(map, delta), "seed " + seed);
        }
    }

    @Test
    void aDeltaHoldsOnlyWhatChanged() {
        ClusterMap map = SampleMaps.everything();
        ClusterMap next = map.withSlot(map.slot(1).withState(DeviceState.ONLINE));
        int emptyDeltaBytes = MapCodec.encodeDelta(map, map.withSlots(map.slots())).length;
        int deltaBytes = MapCodec.encodeDelta(map, next).length;
        assertEquals(EntryCodec.SLOT_BYTES, deltaBytes - emptyDeltaBytes);
    }

    @Test
    void aDeltaFromAnotherEpochIsRefused() {
        ClusterMap map = SampleMaps.everything();
        ClusterMap next = map.withSlots(map.slots());
        byte[] delta = MapCodec.encodeDelta(map, next);
        WrongBaseException refused =
                assertThrows(WrongBaseException.class, () -> MapCodec.applyDelta(next, delta));
        assertEquals(
                "the delta starts from epoch 41, and this node has epoch 42: ask for the full map",
                refused.getMessage());
    }

    @Test
    void aDeltaIsRefusedByAnotherMapOfItsBaseEpoch() {
        ClusterMap map = SampleMaps.everything();
        byte[] delta = MapCodec.encodeDelta(map, SampleMaps.everythingTwoEpochsLater());
        ClusterMap forked =
                new ClusterMap(
                        map.clusterId(),
                        41,
                        8,
                        map.nodes(),
                        map.slots(),
                        map.volumes().subList(0, 2));
        String reason = reason(() -> MapCodec.applyDelta(forked, delta));
        assertTrue(reason.contains("does not fit"), reason);
    }

    @Test
    void aDeltaOfAnotherClusterIsRefused() {
        ClusterMap map = SampleMaps.everything();
        ClusterMap other = SampleMaps.random(new SplittableRandom(1));
        byte[] delta = MapCodec.encodeDelta(other, other.withSlots(other.slots()));
        assertThrows(MapFormatException.class, () -> MapCodec.applyDelta(map, delta));
    }

    @Test
    void aDeltaNeverLeadsBackOrToAnotherCluster() {
        ClusterMap map = SampleMaps.everything();
        ClusterMap next = map.withSlots(map.slots());
        ClusterMap other = SampleMaps.random(new SplittableRandom(1));
        assertThrows(IllegalArgumentException.class, () -> MapCodec.encodeDelta(next, map));
        assertThrows(IllegalArgumentException.class, () -> MapCodec.encodeDelta(map, map));
        assertThrows(IllegalArgumentException.class, () -> MapCodec.encodeDelta(map, other));
    }

    @Test
    void aNewerFormatIsRefusedWithAReason() {
        byte[] newer = Hex.resource(FULL);
        newer[8] = 4;
        String reason = reason(() -> MapCodec.decodeFull(newer));
        assertEquals(
                "the cluster map has format version 4, and this program knows versions up to 3:"
                        + " run a newer program on this node",
                reason);
    }

    @Test
    void oneKindIsNotTakenForTheOther() {
        ClusterMap map = SampleMaps.everything();
        assertThrows(MapFormatException.class, () -> MapCodec.decodeFull(Hex.resource(DELTA)));
        assertThrows(MapFormatException.class, () -> MapCodec.applyDelta(map, Hex.resource(FULL)));
    }

    @ParameterizedTest
    @ValueSource(strings = {FULL, DELTA})
    void everyTruncationIsRefused(String name) {
        byte[] whole = Hex.resource(name);
        for (int length = 0; length < whole.length; length++) {
            assertRefused(name, Arrays.copyOf(whole, length), "length " + length);
            // With the header made to agree, the decoder itself has to notice.
            if (length >= Envelope.BYTES) {
                assertRefused(name, sealed(Arrays.copyOf(whole, length)), "sealed " + length);
            }
        }
        assertRefused(name, sealed(Arrays.copyOf(whole, whole.length + 1)), "one byte more");
    }

    @ParameterizedTest
    @ValueSource(strings = {FULL, DELTA})
    void everyBitFlipIsRefused(String name) {
        byte[] bytes = Hex.resource(name);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            bytes[bit >> 3] ^= (byte) (1 << (bit & 7));
            assertRefused(name, bytes, "bit " + bit);
            bytes[bit >> 3] ^= (byte) (1 << (bit & 7));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FULL, DELTA})
    void bytesWithARightChecksumDecodeToAMapOrAreRefused(String name) {
        byte[] whole = Hex.resource(name);
        int refused = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = whole.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = Envelope.BYTES + random.nextInt(bytes.length - Envelope.BYTES);
                bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) 0xff;
            }
            sealed(bytes);
            try {
                ClusterMap map = decode(name, bytes);
                if (name.equals(FULL)) {
                    assertArrayEquals(bytes, MapCodec.encodeFull(map), "seed " + seed);
                }
            } catch (MapFormatException e) {
                refused++;
                assertFalse(String.valueOf(e.getMessage()).isBlank(), "seed " + seed);
            }
        }
        assertTrue(refused > 1_000, refused + " of 20000 refused");
    }

    @Test
    void aHugeCountIsRefusedBeforeMemoryIsTaken() {
        byte[] bytes = Hex.resource(FULL);
        int nodeCountAt = Envelope.BYTES + 16 + 8 + 1;
        Arrays.fill(bytes, nodeCountAt, nodeCountAt + 4, (byte) 0xff);
        String reason = reason(() -> MapCodec.decodeFull(sealed(bytes)));
        assertTrue(reason.startsWith("count of nodes is 4294967295, but only "), reason);
    }

    @Test
    void aCountOfMoreEntriesThanFitIsRefusedAsSuch() {
        byte[] bytes = Hex.resource(FULL);
        bytes[Envelope.BYTES + 16 + 8 + 1] = (byte) 200;
        String reason = reason(() -> MapCodec.decodeFull(sealed(bytes)));
        assertTrue(reason.startsWith("count of nodes is 200, but only "), reason);
    }

    @Test
    void aDeltaThatLeadsNowhereIsRefused() {
        byte[] bytes = Hex.resource(DELTA);
        int epochs = Envelope.BYTES + 16;
        System.arraycopy(bytes, epochs, bytes, epochs + 8, 8);
        String reason = reason(() -> decode(DELTA, sealed(bytes)));
        assertEquals("the delta leads back from epoch 41 to 41", reason);
    }

    @Test
    void aCutMapSaysHowMuchIsThere() {
        byte[] whole = Hex.resource(FULL);
        int body = whole.length - Envelope.BYTES;
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        assertEquals(
                "the cluster map says it has %d bytes after its header, but %d are there"
                        .formatted(body, body - 1),
                reason(() -> MapCodec.decodeFull(cut)));
    }

    @Test
    void theListOfSlotsIsEmptyAtLeastAndHas65536AtMost() throws MapFormatException {
        ClusterMap none = ClusterMap.initial(SampleMaps.CLUSTER, 8);
        NodeEntry node = SampleMaps.everything().node(1).orElseThrow();
        ClusterMap one = none.withNode(node);
        assertEquals(one, MapCodec.applyDelta(none, MapCodec.encodeDelta(none, one)));
        ClusterMap all =
                one.withSlots(
                        IntStream.range(0, DeviceSlot.SLOTS_MAX)
                                .mapToObj(slot ->
                                        new DeviceSlot(
                                                slot,
                                                new UUID(1, slot),
                                                1,
                                                1,
                                                1,
                                                DeviceState.ONLINE))
                                .toList());
        assertEquals(all, MapCodec.applyDelta(one, MapCodec.encodeDelta(one, all)));
    }

    @Test
    void otherFilesAreNotTakenForMaps() {
        for (byte[] bytes :
                List.of(new byte[0], new byte[4096], "#!/bin/sh\n".getBytes(US_ASCII))) {
            assertThrows(MapFormatException.class, () -> MapCodec.decodeFull(bytes));
        }
    }

    private static String reason(Executable decoding) {
        return String.valueOf(assertThrows(MapFormatException.class, decoding).getMessage());
    }

    private static ClusterMap decode(String name, byte[] bytes) throws MapFormatException {
        return name.equals(FULL)
                ? MapCodec.decodeFull(bytes)
                : MapCodec.applyDelta(SampleMaps.everything(), bytes);
    }

    private static void assertRefused(String name, byte[] bytes, String what) {
        try {
            decode(name, bytes);
        } catch (MapFormatException e) {
            return;
        } catch (RuntimeException e) {
            throw new AssertionError(name + ", " + what, e);
        }
        fail(name + ", " + what + " was accepted");
    }

    /** Puts the length and the checksum right, as somebody with bad intent would. */
    private static byte[] sealed(byte[] bytes) {
        int body = bytes.length - Envelope.BYTES;
        for (int i = 0; i < 4; i++) {
            bytes[12 + i] = (byte) (body >> (8 * i));
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 16);
        crc.update(bytes, Envelope.BYTES, body);
        for (int i = 0; i < 4; i++) {
            bytes[16 + i] = (byte) (crc.getValue() >> (8 * i));
        }
        return bytes;
    }
}
