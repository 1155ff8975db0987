package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.NodeEntry;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a leader makes of nodes that have applied other maps than it has decided. */
class ForkedMapTest {
    private static final long MS = 1_000_000;
    private static final int NODES = 3;
    private static final int STRAY = 3;
    private static final LeaseConfig CONFIG = LeaseConfig.standard();

    private record Sent(int to, Message message) {}

    private final PlainLog log = new PlainLog();
    private final List<Sent> sent = new ArrayList<>();
    private final Coordinator coordinator =
            new Coordinator(1, log, CONFIG, (to, message) -> sent.add(new Sent(to, message)), null);
    private final ClusterMap other;
    private boolean isFollowed = true;
    private long sequence;
    private long nowNs = 1_000_000 * MS;

    ForkedMapTest() {
        List<NodeSpec> specs =
                IntStream.rangeClosed(1, NODES).mapToObj(ForkedMapTest::node).toList();
        decide(new Decision.InitCluster(new UUID(7, 7), 8, "secret", specs));
        specs.forEach(spec -> decide(registration(spec)));
        ClusterState before = log.state;
        decide(new Decision.NodeDown(STRAY, 100 + STRAY, "test"));
        other = log.state.map();
        log.state = before;
        decide(registration(node(NODES + 1)));
        assertEquals(other.epoch(), map().epoch());
        run(20);
        sent.clear();
    }

    private static NodeSpec node(int id) {
        return new NodeSpec(id, "127.0.0." + id, 4420, 8080, 9870, "", "", id <= NODES);
    }

    private static Decision registration(NodeSpec spec) {
        return new Decision.RegisterNode(spec, 100 + spec.id(), List.of());
    }

    private void decide(Decision decision) {
        log.state = Decider.apply(log.state, decision).state();
    }

    private ClusterMap map() {
        return log.state.map();
    }

    /** Voters answer at once, as long as they follow. */
    private void run(long ms) {
        for (long end = nowNs + ms * MS; nowNs < end; nowNs += 5 * MS) {
            int from = sent.size();
            coordinator.poll(nowNs);
            for (Sent each : List.copyOf(sent.subList(from, sent.size()))) {
                if (isFollowed && each.message instanceof Message.Confirm confirm) {
                    coordinator.onMessage(
                            each.to,
                            new Message.Confirmed(confirm.term(), confirm.question(), 0),
                            nowNs);
                }
            }
        }
    }

    private void renew(int node, long epoch, String digest) {
        long incarnation = map().node(node).map(NodeEntry::incarnation).orElseThrow();
        coordinator.onMessage(
                node,
                new Message.Renew(
                        incarnation,
                        ++sequence,
                        map().epoch(),
                        epoch,
                        digest,
                        1,
                        "",
                        VoterReport.UNHEARD,
                        List.of(),
                        List.of(),
                        List.of()),
                nowNs);
        run(200);
    }

    /** Whether the last of its renewals that were answered got a lease. */
    private boolean isGranted(int node) {
        return sentTo(node, Message.Renewed.class).getLast().granted();
    }

    private List<ClusterMap> mapsFor(int node) {
        return sentTo(node, Message.NewMap.class).stream().map(Message.NewMap::map).toList();
    }

    private <T> List<T> sentTo(int node, Class<T> kind) {
        return sent.stream()
                .filter(each -> each.to == node && kind.isInstance(each.message))
                .map(each -> kind.cast(each.message))
                .toList();
    }

    private long strayEpoch() {
        return coordinator.view(nowNs).nodes().stream()
                .filter(view -> view.id() == STRAY)
                .findFirst()
                .orElseThrow()
                .strayEpoch();
    }

    private long inForceEpoch() {
        return coordinator.view(nowNs).inForceEpoch();
    }

    @Test
    void aLeaseIsForTheMapThatWasDecidedAndForNoOtherOfItsEpoch() {
        renew(STRAY, map().epoch(), MapCodec.digest(other));
        assertFalse(isGranted(STRAY));
        assertEquals(map().epoch(), strayEpoch());
        assertEquals(List.of(map()), mapsFor(STRAY), "it is shown the difference");
        renew(STRAY, map().epoch(), MapCodec.digest(other));
        assertFalse(isGranted(STRAY));
        assertEquals(1, mapsFor(STRAY).size(), "once");
        renew(STRAY, map().epoch(), MapCodec.digest(map()));
        assertTrue(isGranted(STRAY));
        assertEquals(0, strayEpoch());
    }

    /** Neither the newest, nor the one before, which all the others have applied. */
    @Test
    void anEpochIsNotInForceAtANodeThatHasAnotherMapOfIt() {
        long epoch = map().epoch();
        String decided = MapCodec.digest(map());
        for (int node = 1; node <= NODES + 1; node++) {
            renew(node, epoch, node == STRAY ? MapCodec.digest(other) : decided);
        }
        assertEquals(0, inForceEpoch());
        decide(registration(node(NODES + 2)));
        run(20);
        renew(STRAY, epoch, MapCodec.digest(other));
        assertEquals(0, inForceEpoch());
        renew(STRAY, epoch, decided);
        assertEquals(epoch, inForceEpoch());
        run(3_000);
        assertEquals(map().epoch(), inForceEpoch(), "no lease is left");
    }

    @Test
    void aMapThatIsNewerThanAllThatWereDecidedWasLost() {
        long lost = map().epoch() + 5;
        renew(STRAY, lost, "0".repeat(32));
        assertFalse(isGranted(STRAY));
        assertEquals(lost, strayEpoch());
        assertEquals(List.of(map()), mapsFor(STRAY));
    }

    /** It is behind, and knows nothing of what was decided since. */
    @Test
    void aLeaderThatNobodyFollowsCallsNoMapLost() {
        isFollowed = false;
        renew(STRAY, map().epoch() + 5, "0".repeat(32));
        assertEquals(0, strayEpoch());
        assertTrue(sentTo(STRAY, Message.Renewed.class).isEmpty());
    }

    /** Of a node of an older version: all that came with it is refused, and both logs tell. */
    @Test
    void aRenewalWithoutADigestIsNoMessageOfThisVersion() {
        assertRefusedWithout("\"appliedDigest\":\"\",");
    }

    @Test
    void aRenewalWithoutAWordOnItsVoterIsNoMessageOfThisVersion() {
        assertRefusedWithout("\"voter\":{\"state\":\"UNKNOWN\",\"reason\":\"\",\"freeBytes\":-1},");
    }

    private static void assertRefusedWithout(String field) {
        Message renew =
                new Message.Renew(
                        1,
                        2,
                        3,
                        4,
                        "",
                        5,
                        "",
                        VoterReport.UNHEARD,
                        List.of(),
                        List.of(),
                        List.of());
        String json = new String(MessageCodec.encode(renew), StandardCharsets.UTF_8);
        String older = json.replace(field, "");
        assertTrue(older.length() < json.length(), json);
        byte[] bytes = older.getBytes(StandardCharsets.UTF_8);
        assertThrows(IOException.class, () -> MessageCodec.decode(bytes));
    }
}
