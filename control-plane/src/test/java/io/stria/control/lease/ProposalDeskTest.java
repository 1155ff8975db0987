package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProposalDeskTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final UUID DEVICE = new UUID(1, 0);
    private static final Decision DRAIN = new Decision.DrainDevices(List.of(DEVICE));
    private static final Decision KEEP = new Decision.KeepDevices(List.of(DEVICE));

    private final PlainLog log = new PlainLog();
    private final List<Message> sent = new ArrayList<>();
    private final ProposalDesk desk =
            new ProposalDesk(log, new MapGuard(log), (to, message) -> sent.add(message));
    private long nowNs = SECOND_NS;

    ProposalDeskTest() {
        NodeSpec spec = new NodeSpec(1, "10.0.0.1", 1, 2, 3, "", "", true);
        List<DeviceSpec> devices =
                IntStream.range(0, 6)
                        .mapToObj(i -> new DeviceSpec(new UUID(1, i), 1L << 30))
                        .toList();
        ask(1, new Decision.InitCluster(new UUID(5, 5), 8, "s", List.of(spec)));
        ask(2, new Decision.RegisterNode(spec, 7, devices));
        Scheme scheme = new Scheme(2);
        ask(3, new Decision.CreateVolume(new UUID(2, 2), "v", 1 << 30, scheme, Tolerance.DEVICE));
        nowNs += ProposalDesk.ANSWERED_NS + SECOND_NS;
        desk.poll(nowNs, true, 0);
    }

    private Message.Proposed ask(long requestId, Decision decision) {
        desk.take(1, requestId, decision, nowNs);
        desk.poll(nowNs, true, 0);
        return (Message.Proposed) sent.getLast();
    }

    private DeviceState device() {
        return log.state.map().slot(0).state();
    }

    /** A connection of before delivers it again, after somebody has changed his mind. */
    @Test
    void aChangeThatComesTwiceIsAnsweredTwiceAndMadeOnce() {
        Message.Proposed first = ask(7, DRAIN);
        assertEquals(Outcome.DONE, first.result().outcome());
        ask(8, KEEP);
        DeviceState kept = device();
        Message.Proposed again = ask(7, DRAIN);
        assertEquals(first, again);
        assertEquals(kept, device());
        assertEquals(DeviceState.ONLINE, device());
    }

    @Test
    void theSameAskedAnewIsMadeAnew() {
        ask(7, DRAIN);
        ask(8, KEEP);
        ask(9, DRAIN);
        assertEquals(DeviceState.DRAINING, device());
    }

    @Test
    void anotherProposalUnderTheSameNumberIsNotTakenForTheFirst() {
        ask(7, KEEP);
        ask(7, DRAIN);
        assertEquals(DeviceState.DRAINING, device());
    }

    @Test
    void answersAreForgottenWhenNothingSoOldArrivesAnyMore() {
        ask(7, DRAIN);
        ask(8, KEEP);
        nowNs += ProposalDesk.ANSWERED_NS + 1;
        desk.poll(nowNs, true, 0);
        assertEquals(0, desk.remembered());
        int before = log.decided;
        ask(7, DRAIN);
        assertEquals(before + 1, log.decided);
        assertEquals(1, desk.remembered());
    }

    /** Whether the map has room for one depends on what becomes of the ones before. */
    @Test
    void changesGoToTheLogOneAfterTheOther() {
        log.holdsAnswers = true;
        int before = log.decided;
        desk.take(1, 7, DRAIN, nowNs);
        desk.take(1, 8, KEEP, nowNs);
        desk.poll(nowNs, true, 0);
        assertEquals(0, desk.poll(nowNs, true, 0));
        assertEquals(before + 1, log.decided);
        assertEquals(Long.MAX_VALUE, desk.nextPollNs(0));
        log.tellAll();
        desk.poll(nowNs, true, 0);
        assertEquals(before + 2, log.decided);
    }

    /** Five seconds have passed, and nobody knows. */
    @Test
    void theNextChangeDoesNotWaitForOneThatTheLogIsSilentAbout() {
        log.holdsAnswers = true;
        desk.take(1, 7, DRAIN, nowNs);
        desk.take(1, 8, KEEP, nowNs);
        desk.poll(nowNs, true, 0);
        log.loseAll();
        assertEquals(1, desk.poll(nowNs, true, 0));
        log.tellAll();
        assertEquals(DeviceState.ONLINE, device());
    }

    @Test
    void asManyAnswersAreKeptAsThereIsRoomFor() {
        for (int i = 0; i < ProposalDesk.ANSWERED_MAX + 100; i++) {
            ask(100 + i, KEEP);
        }
        assertEquals(ProposalDesk.ANSWERED_MAX, desk.remembered());
    }
}
