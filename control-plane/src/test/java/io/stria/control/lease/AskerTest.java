package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AskerTest {
    private static final Decision DELETE = new Decision.DeleteVolume("v", new UUID(1, 2));
    private static final Result DONE = new Result(Result.Outcome.DONE, 3, "");

    private final List<Message> sent = new ArrayList<>();
    private final List<Result.Outcome> answers = new ArrayList<>();
    private final LeaderFinder finder =
            new LeaderFinder((node, message) -> sent.add(message), LeaseConfig.standard());

    private Asker asker(long firstId) {
        finder.heard(2, 1);
        return new Asker(finder, 500, firstId);
    }

    private void propose(Asker asker, long deadlineNs) {
        asker.propose(DELETE, deadlineNs, result -> answers.add(result.outcome()));
    }

    @Test
    void equalProposalsAreAskedOnceAndAllAreAnswered() {
        Asker asker = asker(70);
        propose(asker, 1_000);
        propose(asker, 2_000);
        asker.poll(0, 0);
        assertEquals(List.of(new Message.Propose(70, DELETE)), sent);
        asker.onProposed(new Message.Proposed(70, DONE));
        assertEquals(List.of(Result.Outcome.DONE, Result.Outcome.DONE), answers);
    }

    @Test
    void whoeverHasWaitedLongEnoughIsToldAndForgotten() {
        Asker asker = asker(70);
        propose(asker, 1_000);
        propose(asker, 2_000);
        asker.poll(1_000, 0);
        assertEquals(List.of(Result.Outcome.NOT_READY), answers);
        asker.poll(2_000, 0);
        assertEquals(2, answers.size());
        int asked = sent.size();
        for (int later = 3_000; later < 20_000; later += 1_000) {
            asker.poll(later, 0);
        }
        assertEquals(asked, sent.size());
    }

    @Test
    void anAnswerToTheProcessBeforeIsNotTakenForOnesOwn() {
        Asker asker = asker(Incarnation.ofProcess(9));
        propose(asker, 1_000);
        asker.poll(0, 0);
        asker.onProposed(new Message.Proposed(Incarnation.ofProcess(8), DONE));
        assertEquals(List.of(), answers);
        asker.onProposed(new Message.Proposed(Incarnation.ofProcess(9), DONE));
        assertEquals(List.of(Result.Outcome.DONE), answers);
    }
}
