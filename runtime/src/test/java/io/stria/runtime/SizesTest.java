package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SizesTest {
    @Test
    void readsWhatPeopleWrite() {
        for (String text :
                List.of("8G", "8g", "8GB", "8GiB", "8 GiB", " 8G ", "8192M", "8589934592")) {
            assertEquals(8L << 30, Sizes.parse(text), text);
        }
        assertEquals(512, Sizes.parse("512 B"));
        assertEquals(3L << 50, Sizes.parse("3P"));
    }

    @Test
    void refusesWhatIsNoSize() {
        for (String text : List.of("", "G", "-1G", "1.5G", "8X", "8 G iB", "9999999999999P")) {
            assertThrows(IllegalArgumentException.class, () -> Sizes.parse(text), text);
        }
        assertEquals(
                "'1.5G' is no size: write a whole number with K, M, G, T or P, such as 8G",
                assertThrows(IllegalArgumentException.class, () -> Sizes.parse("1.5G"))
                        .getMessage());
    }

    @Test
    void writesTheBytesWhereTheUnitWouldRound() {
        assertEquals("0 B", Sizes.exact(0));
        assertEquals("1023 B", Sizes.exact(1023));
        assertEquals("4 KiB", Sizes.exact(4096));
        assertEquals("8 GiB", Sizes.exact(8L << 30));
        assertEquals("8 GiB (8589934593 bytes)", Sizes.exact((8L << 30) + 1));
        assertEquals("1.5 GiB", Sizes.exact(3L << 29));
        assertEquals("4 PiB", Sizes.exact(4L << 50));
        assertEquals("8191.5 PiB", Sizes.exact((8191L << 50) + (1L << 49)));
    }

    @Test
    void writesTheLargestUnit() {
        assertEquals("0 B", Sizes.format(0));
        assertEquals("1023 B", Sizes.format(1023));
        assertEquals("1 KiB", Sizes.format(1024));
        assertEquals("8 GiB", Sizes.format(8L << 30));
        assertEquals("1.5 GiB", Sizes.format(3L << 29));
        assertEquals("4 PiB", Sizes.format(4L << 50));
    }
}
