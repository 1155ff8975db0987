package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Placement does what it did when data was written: the vectors were computed by another program,
 * from the definition that stands at their head, with big integers and linear scans.
 */
class GoldenVectorTest {
    private static final int NOWHERE_IN_DIGEST = 1 << 16;

    private ClusterMap map = Clusters.empty();
    private BitSet usable = new BitSet();
    private boolean built;
    private Placement placement = Placement.of(map);
    private int checked;

    @Test
    void everyVectorHolds() throws IOException {
        List<String> lines = lines();
        for (String line : lines) {
            check(line, line.split(" "));
        }
        assertEquals(678, checked, "vectors in the file");
    }

    private void check(String line, String[] word) {
        switch (word[0]) {
            case "map" -> map = Clusters.empty();
            case "slot" -> map = withSlot(word);
            case "away" -> {
                usable = Clusters.all(map);
                Arrays.stream(word).skip(1).mapToInt(Integer::parseInt).forEach(usable::clear);
            }
            case "step" -> expect(line, hex(word[3]), DrawHash.step(hex(word[1]), hex(word[2])));
            case "caps" -> expect(line, caps(word), placement().caps(scheme(word[1])));
            case "draw" -> expect(line, Integer.parseInt(word[4]), draw(word));
            case "primary" -> expect(line, slots(word), primary(vuid(word), page(word), n(word)));
            case "current" -> expect(line, slots(word), current(vuid(word), page(word), n(word)));
            case "digest" -> expect(line, hex(word[3]), digest(word));
            default -> throw new AssertionError("unknown vector: " + line);
        }
        built &= !word[0].equals("map") && !word[0].equals("slot");
    }

    private void expect(String line, Object expected, Object actual) {
        if (expected instanceof int[] slots) {
            assertArrayEquals(slots, (int[]) actual, line);
        } else {
            assertEquals(expected, actual, line);
        }
        checked++;
    }

    private Placement placement() {
        if (!built) {
            placement = Placement.of(map);
            built = true;
        }
        return placement;
    }

    private int draw(String[] word) {
        long pageKey = DrawHash.pageKey(vuid(word), page(word));
        WeightedJump jump = new WeightedJump(map.slots());
        return jump.winner(DrawHash.drawKey(pageKey, Integer.parseInt(word[3])));
    }

    private int[] primary(int vuid, long page, Scheme scheme) {
        int[] slots = new int[scheme.fragments()];
        placement().primary(vuid, page, scheme, slots);
        return slots;
    }

    private int[] current(int vuid, long page, Scheme scheme) {
        int[] slots = primary(vuid, page, scheme);
        placement().current(vuid, page, scheme, slots, usable, slots);
        return slots;
    }

    private long digest(String[] word) {
        Scheme scheme = scheme(word[1]);
        long digest = 0;
        for (long page = 0; page < Long.parseLong(word[2]); page++) {
            digest = fold(digest, primary(7, page, scheme));
            digest = fold(digest, current(7, page, scheme));
        }
        return digest;
    }

    private static long fold(long digest, int[] slots) {
        for (int slot : slots) {
            digest = DrawHash.step(digest, slot == Placement.NOWHERE ? NOWHERE_IN_DIGEST : slot);
        }
        return digest;
    }

    private ClusterMap withSlot(String[] word) {
        int node = Integer.parseInt(word[1]);
        int slot = map.slots().size();
        DeviceState state = DeviceState.valueOf(word[5].toUpperCase(Locale.ROOT));
        return map.withNode(Clusters.node(node, orEmpty(word[2]), orEmpty(word[3])))
                .withSlot(
                        new DeviceSlot(
                                slot, new UUID(9, slot), node, 0, Long.parseLong(word[4]), state));
    }

    private static Caps caps(String[] word) {
        return new Caps(
                Integer.parseInt(word[2]), Integer.parseInt(word[3]), Integer.parseInt(word[4]));
    }

    private static int vuid(String[] word) {
        return Integer.parseInt(word[1]);
    }

    private static long page(String[] word) {
        return Long.parseLong(word[2]);
    }

    private static Scheme n(String[] word) {
        return scheme(word[3]);
    }

    private static int[] slots(String[] word) {
        return Arrays.stream(word)
                .skip(4)
                .mapToInt(slot -> slot.equals("-") ? Placement.NOWHERE : Integer.parseInt(slot))
                .toArray();
    }

    private static Scheme scheme(String n) {
        return new Scheme(Integer.parseInt(n));
    }

    private static String orEmpty(String name) {
        return name.equals("-") ? "" : name;
    }

    private static long hex(String digits) {
        return Long.parseUnsignedLong(digits, 16);
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = GoldenVectorTest.class.getResourceAsStream("placement-v1.txt")) {
            if (in == null) {
                throw new AssertionError("no golden vectors");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }
}
