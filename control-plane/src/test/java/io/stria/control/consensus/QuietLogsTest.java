package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is passed on of all that Ratis tells. */
@Timeout(300)
class QuietLogsTest {
    private static final Logger RATIS = Logger.getLogger("org.apache.ratis");

    @TempDir Path directory;

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord entry) {
                    said.add(new SimpleFormatter().formatMessage(entry));
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @BeforeEach
    void listen() {
        RATIS.addHandler(handler);
    }

    @AfterEach
    void leaveItAsItWas() {
        RATIS.removeHandler(handler);
        System.clearProperty(QuietLogs.ASKED_FOR);
        QuietLogs.on();
    }

    private void elect() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, 700, 1)) {
            trio.startAll();
            trio.awaitLeader();
        }
    }

    @Test
    void nothingOfAnElectionIsToldWhereNobodyAsks() throws Exception {
        elect();
        assertEquals(List.of(), List.copyOf(said));
    }

    @Test
    void anElectionIsToldWithItsReasonWhereThatIsAskedFor() throws Exception {
        System.setProperty(QuietLogs.ASKED_FOR, "true");
        elect();
        for (String words : List.of("change to CANDIDATE", "to LEADER at term 1")) {
            assertTrue(said.stream().anyMatch(line -> line.contains(words)), said::toString);
        }
    }
}
