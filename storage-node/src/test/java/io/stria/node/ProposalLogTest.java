package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An owner that misses a slot which cannot be marked wrote two lines a second. */
class ProposalLogTest {
    private static final Logger LOG = Logger.getLogger(ProposalLog.class.getName());

    private final List<String> lines = new ArrayList<>();
    private final ProposalLog log = new ProposalLog();
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord line) {
                    Object[] parts = line.getParameters();
                    lines.add(parts[1] + " " + parts[2]);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
    }

    @AfterEach
    void stop() {
        LOG.removeHandler(handler);
    }

    private void mark(int slot, String why, Result.Outcome outcome, String detail) {
        log.log(new Decision.MarkBehind(1, 1, slot, why), new Result(outcome, 7, detail));
    }

    @Test
    void theSameRefusalOfAMarkIsLoggedOnce() {
        mark(4, "away for 1 s", Result.Outcome.CONFLICT, "a");
        mark(4, "away for 2 s", Result.Outcome.CONFLICT, "a");
        mark(5, "away for 2 s", Result.Outcome.CONFLICT, "a");
        mark(4, "away for 3 s", Result.Outcome.NOT_READY, "no leader");
        mark(4, "away for 4 s", Result.Outcome.CONFLICT, "a");
        assertEquals(List.of("CONFLICT a", "CONFLICT a"), lines);
    }

    @Test
    void anotherReasonIsNewsAndSoIsWhatComesAfterAMark() {
        mark(4, "", Result.Outcome.CONFLICT, "a");
        mark(4, "", Result.Outcome.CONFLICT, "b");
        mark(4, "", Result.Outcome.DONE, "");
        mark(4, "", Result.Outcome.CONFLICT, "b");
        assertEquals(List.of("CONFLICT a", "CONFLICT b", "DONE ", "CONFLICT b"), lines);
    }

    @Test
    void otherProposalsAreLoggedEachTime() {
        for (int i = 0; i < 2; i++) {
            log.log(
                    new Decision.TakeVolume(1, 1, 2),
                    new Result(Result.Outcome.STALE, 7, "too late"));
        }
        assertEquals(List.of("STALE too late", "STALE too late"), lines);
    }
}
