package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        String table = new Table("A", "LONG TITLE").row("wide cell", 1).row("", "x").toString();

        assertEquals(
                """
                A          LONG TITLE
                wide cell  1
                -          x
                """,
                table);
    }
}
