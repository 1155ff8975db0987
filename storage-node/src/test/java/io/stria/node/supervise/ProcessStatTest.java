package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ProcessStatTest {
    @Test
    void aCommandMayHoldSpacesAndBrackets() {
        ProcessStat stat =
                ProcessStat.parse(
                        "77 (a) b (c) S 1 77 77 0 -1 4194560 5 6 7 8 901 902 0 0 20 0 1 0 12345 9\n");
        assertEquals("(a) b (c)", stat.command());
        assertEquals("S", stat.field(ProcessStat.STATE));
        assertEquals("901", stat.field(ProcessStat.USER_TICKS));
        assertEquals("902", stat.field(ProcessStat.SYSTEM_TICKS));
        assertEquals("12345", stat.field(ProcessStat.START_TICKS));
    }
}
