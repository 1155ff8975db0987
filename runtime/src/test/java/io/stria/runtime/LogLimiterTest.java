package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class LogLimiterTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final List<String> written = new ArrayList<>();
    private final ManualClock clock = new ManualClock(0);
    private final LogLimiter log = new LogLimiter(new Written(), clock, 2);

    @Test
    void whatIsSeenOnceIsWrittenOnce() {
        log.log(Level.WARNING, "it broke", "disk 1 broke");
        clock.advance(61 * SECOND_NS);
        log.tell();
        assertEquals(List.of("WARNING disk 1 broke"), written);
    }

    @Test
    void whatRepeatsIsCountedAndToldWhenTheMinuteIsOver() {
        for (int i = 0; i < 100; i++) {
            log.log(Level.WARNING, "it broke", "disk " + i + " broke");
            log.log(Level.INFO, "it came", "host " + i);
        }
        log.tell();
        assertEquals(4, written.size());
        clock.advance(60 * SECOND_NS);
        log.tell();
        assertEquals(
                List.of(
                        "WARNING disk 0 broke",
                        "INFO host 0",
                        "WARNING disk 1 broke",
                        "INFO host 1",
                        "WARNING it broke: and 98 more in the last minute",
                        "INFO it came: and 98 more in the last minute"),
                written);
        log.log(Level.WARNING, "it broke", "disk 7 broke");
        assertEquals("WARNING disk 7 broke", written.getLast());
    }

    @Test
    void theNextLineTellsWhatTheLastMinuteLeftOut() {
        for (int i = 0; i < 5; i++) {
            log.log(Level.INFO, "it came", "host");
        }
        clock.advance(90 * SECOND_NS);
        log.log(Level.INFO, "it came", "host again");
        assertEquals(
                List.of(
                        "INFO host",
                        "INFO host",
                        "INFO it came: and 3 more in the last minute",
                        "INFO host again"),
                written);
    }

    @Test
    void kindsWithoutEndCostNoMemory() {
        for (int i = 0; i < 1000; i++) {
            log.log(Level.INFO, "kind " + i, "line");
        }
        assertEquals(64, written.size());
    }

    private final class Written implements System.Logger {
        @Override
        public String getName() {
            return "written";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String line, Throwable thrown) {
            written.add(level + " " + line);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String line, Object... parameters) {
            written.add(level + " " + line);
        }
    }
}
