package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MoveRatesTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int VUID = 7;
    private static final SlotList ALL = new SlotList(4, new TreeSet<>());
    private static final SlotList LESS = new SlotList(4, new TreeSet<>(List.of(2)));

    private final MoveRates rates = new MoveRates();
    private VolumeEntry volume = volume(Placing.settled(ALL));

    private static VolumeEntry volume(Placing placing) {
        return new VolumeEntry(
                        VUID,
                        new UUID(1, 1),
                        "v",
                        "nqn.2026-11.io.stria:v",
                        1L << 30,
                        new Scheme(2),
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        1,
                        1,
                        List.of(1),
                        new TreeMap<>())
                .withPlacing(placing);
    }

    private void at(long seconds, Placing placing) {
        volume = volume(placing);
        rates.onMap(Maps.of(volume), seconds * SECOND_NS);
    }

    private static Placing moving(SlotList from, SlotList to, long cursor) {
        long since = from.equals(ALL) ? 1 : 2;
        return new Placing(from, to, cursor, since, Collections.emptySortedSet());
    }

    private void cursor(long seconds, long cursor) {
        at(seconds, moving(ALL, LESS, cursor));
    }

    private OptionalDouble rate(long seconds) {
        return rates.pagesPerSecond(VUID, seconds * SECOND_NS);
    }

    private ClusterJson.Movement shown(long seconds) {
        ClusterMap map = Maps.of(volume);
        ClusterJson.Movement movement =
                new MovementViews(map.pageShift(), rates, seconds * SECOND_NS).of(volume);
        if (movement == null) {
            throw new AssertionError("nothing moves");
        }
        return movement;
    }

    @Test
    void nothingIsSaidOfTheFirstMoment() {
        assertTrue(rate(0).isEmpty());
        cursor(10, 0);
        assertTrue(rate(11).isEmpty());
        assertNull(shown(11).bytesPerSecond());
        assertNull(shown(11).secondsLeft());
    }

    @Test
    void theRateIsThatOfTheLastHalfMinute() {
        for (int i = 0; i <= 100; i++) {
            cursor(i, i);
        }
        assertEquals(1, rate(100).orElseThrow(), 1e-9);
        for (int i = 101; i <= 131; i++) {
            cursor(i, 100 + (i - 100) * 3L);
        }
        assertEquals(3, rate(131).orElseThrow(), 1e-9);
        ClusterJson.Movement movement = shown(131);
        assertEquals(193, movement.cursor());
        assertEquals(4096, movement.pages());
        assertEquals(4.7, movement.percent());
        assertEquals(3L << 18, movement.bytesPerSecond());
        assertEquals((4096 - 193) / 3, movement.secondsLeft());
    }

    @Test
    void manyMapsASecondAreOneSample() {
        for (int i = 0; i <= 1000; i++) {
            rates.onMap(Maps.of(volume(moving(ALL, LESS, i))), i * (SECOND_NS / 100));
        }
        assertEquals(100, rate(10).orElseThrow(), 1e-9);
    }

    @Test
    void whatStandsStillHasNoEnd() {
        cursor(0, 0);
        cursor(5, 50);
        assertEquals(10, rate(5).orElseThrow(), 1e-9);
        assertEquals(5, rate(10).orElseThrow(), 1e-9);
        assertEquals(0, rate(36).orElseThrow(), 1e-9);
        assertNull(shown(36).secondsLeft());
        assertEquals(0, shown(36).bytesPerSecond());
    }

    @Test
    void theNextMovementBeginsAnew() {
        cursor(0, 0);
        cursor(5, 50);
        at(6, moving(LESS, ALL, 0));
        assertTrue(rate(7).isEmpty());
        at(16, moving(LESS, ALL, 10));
        assertEquals(1, rate(16).orElseThrow(), 1e-9);
        at(17, Placing.settled(ALL));
        assertTrue(rate(17).isEmpty());
    }
}
