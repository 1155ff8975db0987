package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The node's side: registers it, takes maps to its reactors, keeps its lease, carries its proposals
 * to the leader. Polled by the control thread; only the confirmations that it hands out with a map
 * may come on other threads.
 */
public final class NodeAgent {
    /** For how long the leader is asked for what people want, or supervisors say. */
    public static final long CHANGE_NS = 15_000_000_000L;

    private static final int SENT_KEPT = 64;

    private final AgentConfig config;
    private final Outbox outbox;
    private final MapSink mapSink;
    private final LeaseSink leaseSink;
    private final LocalDevices devices;
    private final Supplier<VoterReport> voter;
    private final Consumer<String> ending;
    private final LeaderFinder finder;
    private final Asker asker;
    private final RefusedMarks refusedMarks = new RefusedMarks();
    private final ScrubRequests scrubRequests;
    private final AtomicLong confirmedEpoch = new AtomicLong();
    private final Map<Integer, Serving> serving = new TreeMap<>();
    private final long[] sentNs = new long[SENT_KEPT];
    private final ReceivedMaps maps;

    private long applyingEpoch;
    private String applyingDigest = "";
    private long appliedEpoch;
    private String appliedDigest = "";
    private long inForceEpoch;
    private long incarnation;
    private boolean everRegistered;
    private boolean endingReported;
    private boolean retired;
    private long sequence;
    private long leaseEndNs;
    private long nextRenewNs = Long.MIN_VALUE;

    /**
     * All that a map names and those that were named at the start, without those that were removed;
     * found once for each map.
     */
    private Set<Integer> members = Set.of();

    private @Nullable ClusterMap membersOf;

    /**
     * @param devices what this node has now
     * @param voter asked for each renewal, by the control thread
     * @param ending told once, and why, when this process must end: another one has registered as
     *     this node, or the node is no member any more
     */
    public NodeAgent(
            AgentConfig config,
            Outbox outbox,
            MapSink mapSink,
            LeaseSink leaseSink,
            LocalDevices devices,
            Supplier<VoterReport> voter,
            Consumer<String> ending) {
        this.config = config;
        this.outbox = outbox;
        this.mapSink = mapSink;
        this.leaseSink = leaseSink;
        this.devices = devices;
        this.voter = voter;
        this.ending = ending;
        incarnation = config.incarnation();
        maps = new ReceivedMaps(config.node().id());
        finder = new LeaderFinder(outbox, config.lease());
        // An answer to the process before this one must not pass for an answer to this one.
        asker = new Asker(finder, config.lease().retryNs(), config.incarnation());
        scrubRequests = new ScrubRequests(outbox, config.lease().retryNs());
    }

    public int poll(long nowNs) {
        int work = finder.poll(nowNs, members());
        work += takeConfirmation(nowNs);
        work += applyNext();
        if (nowNs >= nextRenewNs) {
            work += renew(nowNs);
        }
        return work + asker.poll(nowNs, map().epoch()) + scrubRequests.poll(nowNs);
    }

    /** What is for nodes; what is for leaders goes to {@link Coordinator}. */
    public void onMessage(int from, Message message, long nowNs) {
        switch (message) {
            case Message.Leads leads -> onLeads(from, leads, nowNs);
            case Message.NewMap map -> {
                heard(from, map.term(), nowNs);
                onMap(map.term(), map.map());
                onInForce(map.term(), map.inForceEpoch());
            }
            case Message.InForce inForce -> {
                heard(from, inForce.term(), nowNs);
                onInForce(inForce.term(), inForce.epoch());
            }
            case Message.Renewed renewed -> {
                heard(from, renewed.term(), nowNs);
                onRenewed(renewed, nowNs);
            }
            case Message.Wanted wanted -> {
                heard(from, wanted.term(), nowNs);
                if (finder.leader().nodeId() == from) {
                    mapSink.wanted(wanted.vuid(), wanted.volumeEpoch());
                }
            }
            case Message.Scrub scrub -> onScrub(from, scrub, nowNs);
            case Message.ScrubAnswer answer -> scrubRequests.onAnswer(answer);
            case Message.Proposed proposed -> asker.onProposed(proposed);
            case Message.EndedHeard ended -> asker.onEndedHeard(ended);
            case Message.View view -> asker.onView(view);
            default -> throw new IllegalArgumentException("not for a node: " + message);
        }
    }

    /** The transport could not reach that node. */
    public void unreachable(int nodeId) {
        finder.unreachable(nodeId);
    }

    /**
     * Takes the decision to the leader, again and again until there is an answer.
     *
     * @param deadlineNs when to give up with {@link Result.Outcome#NOT_READY}
     */
    public void propose(Decision decision, long deadlineNs, Consumer<Result> answer) {
        asker.propose(decision, deadlineNs, answer);
    }

    /**
     * The same for what this node has found out while it had its lease, such as an owner of the
     * stores that it does not reach: nothing of that is asked for when the lease has run out. Then
     * it was this node that was cut off, and what it believed of the others is no reason for
     * anything when it is back. Whoever still finds it so proposes it again.
     *
     * @param answer {@link Result.Outcome#NOT_READY} when the lease runs out that there is now,
     *     whether it was renewed or not; what the leader said before, to a mark that it has refused
     *     and that the map still stands against
     */
    public void proposeUnderLease(Decision decision, long nowNs, Consumer<Result> answer) {
        if (decision instanceof Decision.MarkBehind mark) {
            proposeMark(mark, nowNs, answer);
        } else {
            asker.propose(decision, leaseEndNs, answer);
        }
    }

    private void proposeMark(Decision.MarkBehind mark, long nowNs, Consumer<Result> answer) {
        refusedMarks
                .answer(mark, map().epoch(), nowNs)
                .ifPresentOrElse(
                        answer,
                        () ->
                                asker.propose(
                                        mark,
                                        leaseEndNs,
                                        result -> {
                                            refusedMarks.onResult(mark, result, nowNs);
                                            answer.accept(result);
                                        }));
    }

    /** This node's owner of the volume serves it at this epoch; shown in the cluster's status. */
    public void serving(int vuid, int volumeEpoch) {
        serving.put(vuid, new Serving(vuid, volumeEpoch));
    }

    /**
     * This node's owner of the volume does not reach as many stores as writes need; said again
     * while it is so. Others may reach them.
     */
    public void cutOff(int vuid, int volumeEpoch) {
        int leader = finder.leader().nodeId();
        if (leader != 0) {
            outbox.send(leader, new Message.CutOff(vuid, volumeEpoch));
        }
    }

    /**
     * Asks the owner of this epoch of the volume, on whichever node, for a scrub.
     *
     * @param answer {@code DONE} when its node has taken it; else {@code NOT_READY}, at the latest
     *     at the deadline
     */
    public void askScrub(VolumeEntry volume, long deadlineNs, Consumer<Result> answer) {
        scrubRequests.ask(
                volume.owner(),
                new Message.Scrub(volume.vuid(), volume.epoch()),
                deadlineNs,
                answer);
    }

    /** A supervisor says that the process of this incarnation has ended. */
    public void attestEnded(
            int nodeId, long endedIncarnation, long deadlineNs, Consumer<Result> answer) {
        asker.attestEnded(new Message.Ended(nodeId, endedIncarnation), deadlineNs, answer);
    }

    /** Asks the leader for what only it knows. */
    public void askView(long deadlineNs, Consumer<LeaderView> viewer, Consumer<Result> failed) {
        asker.askView(deadlineNs, viewer, failed);
    }

    /**
     * The node is about to stop serving, for good: it asks for no lease any more, takes none that
     * was asked for before, and does not register again. Others take its volumes when its lease has
     * run out, also if it needs longer to end.
     */
    public void retire() {
        retired = true;
    }

    public Leader leader() {
        return finder.leader();
    }

    /** The newest map that has arrived; at epoch 0 before the first. */
    public ClusterMap map() {
        return maps.newest();
    }

    public long appliedEpoch() {
        return appliedEpoch;
    }

    public long inForceEpoch() {
        return inForceEpoch;
    }

    public long incarnation() {
        return incarnation;
    }

    /** See {@link ReceivedMaps#strayEpoch}. */
    long strayEpoch() {
        return maps.strayEpoch();
    }

    public long leaseEndNs() {
        return leaseEndNs;
    }

    /**
     * When {@link #poll} has something to do next, unless something arrives earlier; a confirmation
     * by reactors is such a thing.
     */
    long nextPollNs() {
        long renewNs = finder.leader().nodeId() == 0 ? Long.MAX_VALUE : nextRenewNs;
        long askNs = Math.min(asker.nextPollNs(), scrubRequests.nextPollNs());
        return Math.min(renewNs, Math.min(finder.nextPollNs(), askNs));
    }

    private Collection<Integer> members() {
        if (map() != membersOf) {
            membersOf = map();
            members = new TreeSet<>(config.members());
            map().nodes().forEach(node -> members.add(node.id()));
            members.removeIf(map()::isRemoved);
        }
        return members;
    }

    private void onLeads(int from, Message.Leads leads, long nowNs) {
        if (finder.onLeads(from, leads)) {
            talkToNewLeader(nowNs);
        }
    }

    private void heard(int from, long term, long nowNs) {
        Leader before = finder.leader();
        finder.heard(from, term);
        if (!finder.leader().equals(before)) {
            talkToNewLeader(nowNs);
        }
    }

    private void talkToNewLeader(long nowNs) {
        nextRenewNs = nowNs;
        asker.leaderChanged();
    }

    private void onScrub(int from, Message.Scrub scrub, long nowNs) {
        Serving wanted = new Serving(scrub.vuid(), scrub.volumeEpoch());
        boolean serves = nowNs < leaseEndNs && wanted.equals(serving.get(scrub.vuid()));
        if (serves) {
            mapSink.scrub(scrub.vuid(), scrub.volumeEpoch());
        }
        outbox.send(from, new Message.ScrubAnswer(scrub.vuid(), scrub.volumeEpoch(), serves));
    }

    private void onMap(long term, ClusterMap map) {
        switch (maps.take(term, map)) {
            case NEWER -> serving.values().removeIf(word -> !stillServed(map, word));
            case LOST -> revokeLease();
            case NOTHING -> {}
        }
    }

    private boolean stillServed(ClusterMap map, Serving word) {
        return map.volume(word.vuid())
                .filter(volume -> volume.owner() == config.node().id())
                .map(VolumeEntry::epoch)
                .filter(epoch -> epoch == word.volumeEpoch())
                .isPresent();
    }

    /**
     * Of a map that has not arrived it is believed when it has: so it is never taken from a leader
     * for another one's map.
     */
    private void onInForce(long term, long epoch) {
        if (maps.isTimely(term) && epoch <= map().epoch() && epoch > inForceEpoch) {
            inForceEpoch = epoch;
            mapSink.inForce(epoch);
        }
    }

    private int applyNext() {
        if (applyingEpoch != appliedEpoch || map().epoch() == appliedEpoch) {
            return 0;
        }
        long epoch = map().epoch();
        applyingEpoch = epoch;
        mapSink.apply(map(), () -> confirmedEpoch.set(epoch));
        applyingDigest = MapCodec.digest(map()); // while reactors apply it
        return 1;
    }

    private int takeConfirmation(long nowNs) {
        long confirmed = confirmedEpoch.get();
        if (confirmed == appliedEpoch) {
            return 0;
        }
        appliedEpoch = confirmed;
        appliedDigest = applyingDigest;
        // The leader waits for this before the epoch can be in force.
        nextRenewNs = nowNs;
        return 1;
    }

    private int renew(long nowNs) {
        if (finder.leader().nodeId() == 0) {
            return 0;
        }
        if (retired) {
            nextRenewNs = Long.MAX_VALUE;
            return 0;
        }
        if (!leaseSink.goesOn()) {
            nextRenewNs = nowNs + config.lease().renewEveryNs() / 8;
            return 0;
        }
        Optional<NodeEntry> entry = map().node(config.node().id());
        long registered = entry.map(NodeEntry::incarnation).orElse(0L);
        if (registered > incarnation && everRegistered) {
            end("another process has registered as this node");
            return 0;
        }
        if (map().isRemoved(config.node().id())) {
            end(Decision.RemoveNode.sentence(config.node().id()));
            nextRenewNs = Long.MAX_VALUE;
            return 0;
        }
        boolean online = entry.filter(node -> node.state() == NodeState.ONLINE).isPresent();
        if (online && registered == incarnation && !maps.mustRegister()) {
            everRegistered = true;
            sendRenewal(nowNs);
        } else if (!comeBack(entry.isPresent(), registered, nowNs)) {
            return 0;
        }
        // Until it is answered.
        nextRenewNs = nowNs + config.lease().renewEveryNs() / 2;
        return 1;
    }

    /** Registers, but only when its reactors know that the node is out. */
    private boolean comeBack(boolean known, long registered, long nowNs) {
        revokeLease();
        if (known && appliedEpoch < map().epoch()) {
            return false;
        }
        if (registered > incarnation) {
            incarnation = Incarnation.ofLaterProcess(registered, incarnation);
        } else if (registered == incarnation) {
            incarnation++;
        }
        maps.registered();
        sendRegistration(nowNs);
        return true;
    }

    private void sendRenewal(long nowNs) {
        sequence++;
        sentNs[(int) (sequence % SENT_KEPT)] = nowNs;
        finder.send(
                new Message.Renew(
                        incarnation,
                        sequence,
                        map().epoch(),
                        appliedEpoch,
                        appliedDigest,
                        config.pid(),
                        config.engine(),
                        voter.get(),
                        new ArrayList<>(serving.values()),
                        devices.fills(),
                        mapSink.scrubs()),
                nowNs);
    }

    private void sendRegistration(long nowNs) {
        leaseSink.registersAs(incarnation);
        finder.send(
                new Message.Register(
                        new Decision.RegisterNode(config.node(), incarnation, devices.specs())),
                nowNs);
    }

    private void onRenewed(Message.Renewed renewed, long nowNs) {
        onInForce(renewed.term(), renewed.inForceEpoch());
        if (renewed.sequence() == sequence && renewed.incarnation() == incarnation) {
            long latestNs =
                    sentNs[(int) (sequence % SENT_KEPT)] + config.lease().renewEveryNs() * 5 / 4;
            nextRenewNs = Math.min(latestNs, nowNs + Math.max(0, renewed.nextInNs()));
        }
        boolean remembered =
                renewed.sequence() <= sequence && renewed.sequence() > sequence - SENT_KEPT;
        boolean late = !maps.isTimely(renewed.term()) || renewed.incarnation() != incarnation;
        if (retired || !renewed.granted() || late || !remembered) {
            return;
        }
        long sent = sentNs[(int) (renewed.sequence() % SENT_KEPT)];
        long endNs = sent + config.lease().leaseNs();
        if (endNs > leaseEndNs) {
            leaseEndNs = endNs;
            leaseSink.leaseUntil(endNs);
        }
    }

    private void revokeLease() {
        if (leaseEndNs != 0) {
            leaseEndNs = 0;
            leaseSink.leaseUntil(0);
        }
    }

    private void end(String why) {
        revokeLease();
        if (!endingReported) {
            endingReported = true;
            ending.accept(why);
        }
    }
}
