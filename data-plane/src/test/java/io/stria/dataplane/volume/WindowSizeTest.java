package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WindowSizeTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;

    private final WindowSize size = new WindowSize(64);

    private int after(long tookNs, int pagesMax) {
        size.fit(tookNs, pagesMax);
        return size.pages();
    }

    @Test
    void growsFastWhereThatStaysBelowWhatAWindowMayTake() {
        assertEquals(512, after(SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(1024, after(2 * SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(1024, after(5 * SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(1024, after(14 * SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(512, after(16 * SECOND_NS, WindowSize.PAGES_MAX));
    }

    @Test
    void fallsWhenOtherVolumesBeginToMove() {
        assertEquals(512, after(SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(4096, after(SECOND_NS, WindowSize.PAGES_MAX));
        assertEquals(1365, after(5 * SECOND_NS, 1365));
        assertEquals(1024, after(SECOND_NS, 1024));
    }
}
