package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The leader's side: grants leases, pushes maps, finds the epoch in force, declares nodes down.
 * Everything it knows is of one term and is dropped with it. Polled by the control thread.
 */
public final class Coordinator {
    private static final System.Logger LOG = System.getLogger(Coordinator.class.getName());

    /** For how long a volume that was given away is not offered again. */
    private static final long TAKEN_REST_NS = 30_000_000_000L;

    private static final long HAND_OVER_EVERY_NS = 1_000_000_000L;

    /** When others were last asked for a volume, and at which epoch of it. */
    private record Asked(int volumeEpoch, long ns) {}

    private final int nodeId;
    private final DecisionLog log;
    private final LeaseConfig config;
    private final Outbox outbox;
    private final Decision.@Nullable InitCluster bootstrap;
    private final MapGuard guard;
    private final ProposalDesk desk;
    private final MajorityContact contact;
    private final FormerLeases formerLeases;
    private final Rebuilds rebuilds;
    private final Deletions deletions;
    private final DecidedMaps decided = new DecidedMaps();

    private final SortedMap<Integer, Member> members = new TreeMap<>();
    private long term;

    /**
     * The term that was last seen to be this node's. It is entered in the poll after that one,
     * whose time was read later: what leaders before have granted is reckoned from then.
     */
    private long wonTerm;

    /** When a majority first answered this leader; what it sent before may not have got through. */
    private long reachedNs;

    private long calledNs;

    /** The latest end of a lease that a leader before may have granted. */
    private long formerEndNs;

    /** Until then this node itself may have led: a process before this one, or an earlier term. */
    private long ledUntilNs = Long.MIN_VALUE;

    private long pushedEpoch;
    private final Map<Integer, Asked> asked = new HashMap<>();
    private long inForceEpoch;
    private long patientUntilNs;

    /** Of pauses that follow each other. */
    private long patienceEndNs;

    private long polledNs;
    private long handOverNs = Long.MIN_VALUE;
    private boolean bootstrapProposed;

    /** Those of a map, found once for each. */
    private List<Integer> voters = List.of();

    private @Nullable ClusterMap votersOf;

    /**
     * @param bootstrap makes the cluster when the first leader finds none
     */
    public Coordinator(
            int nodeId,
            DecisionLog log,
            LeaseConfig config,
            Outbox outbox,
            Decision.@Nullable InitCluster bootstrap) {
        this.nodeId = nodeId;
        this.log = log;
        this.config = config;
        this.outbox = outbox;
        this.bootstrap = bootstrap;
        guard = new MapGuard(log);
        desk = new ProposalDesk(log, guard, outbox);
        contact = new MajorityContact(outbox, config.leaseNs() / 20, config.leaseNs() / 4);
        formerLeases = new FormerLeases(config.longestNs());
        rebuilds = new Rebuilds(log, guard);
        deletions = new Deletions(log);
    }

    int nodeId() {
        return nodeId;
    }

    public boolean leads() {
        return term != 0 && log.leadingTerm() == term;
    }

    public int poll(long nowNs) {
        int work = 0;
        if (ledUntilNs == Long.MIN_VALUE) {
            ledUntilNs = nowNs;
        }
        long leading = log.leadingTerm();
        if (leading != term) {
            work++;
            boolean entersLater = leading != 0 && leading != wonTerm;
            enterTerm(entersLater ? 0 : leading, nowNs);
            wonTerm = leading;
        } else if (leading == 0) {
            wonTerm = 0;
        }
        if (term == 0) {
            return work;
        }
        // First, since it is for a leader, too, whose every poll fails.
        giveWay(nowNs);
        noticeOwnPause(nowNs);
        work += bootstrap();
        work += takeNewMap(nowNs);
        work += answerRenewals(nowNs);
        callUnheard(nowNs);
        work += suspect(nowNs);
        work += rebuilds.poll(nowNs, members);
        work += findInForce(nowNs);
        work += deletions.poll(inForceEpoch);
        work += contact.poll(nowNs, term, voters());
        return work + desk.poll(nowNs, inForceEpoch >= map().epoch(), deskPatienceNs());
    }

    /** Only while it leads. */
    public void onMessage(int from, Message message, long nowNs) {
        if (map().isRemoved(from)) {
            turnAway(from, message);
            return;
        }
        switch (message) {
            case Message.Register register -> onRegister(from, register);
            case Message.Renew renew -> onRenew(from, renew, nowNs);
            case Message.Confirmed confirmed -> {
                if (confirmed.term() == term && voters().contains(from)) {
                    contact.onConfirmed(from, confirmed.question());
                    formerLeases.onConfirmed(from, confirmed.quietNs(), nowNs);
                    followFormerLeases(nowNs);
                }
            }
            case Message.Propose propose ->
                    desk.take(from, propose.requestId(), propose.decision(), nowNs);
            case Message.Ended ended -> onEnded(from, ended);
            case Message.CutOff cutOff -> onCutOff(from, cutOff, nowNs);
            case Message.AskView ask ->
                    outbox.send(from, new Message.View(ask.requestId(), view(nowNs)));
            default -> throw new IllegalArgumentException("not for a leader: " + message);
        }
    }

    /** It learns from the map that it is no member any more. */
    private void turnAway(int from, Message message) {
        if (message instanceof Message.Propose propose) {
            Result refused =
                    new Result(
                            Result.Outcome.CONFLICT,
                            map().epoch(),
                            Decision.RemoveNode.sentence(from));
            outbox.send(from, new Message.Proposed(propose.requestId(), refused));
        }
        push(from);
    }

    public LeaderView view(long nowNs) {
        return new LeaderView(
                term,
                nodeId,
                map().epoch(),
                inForceEpoch,
                members.values().stream().map(member -> member.view(nowNs)).toList(),
                log.state().unplaced(),
                log.state().rebuildAfterSeconds(),
                members.values().stream()
                        .filter(member -> member.online)
                        .flatMap(member -> member.fills().stream())
                        .toList(),
                rebuilds.away(nowNs),
                rebuilds.heldBack());
    }

    private List<Integer> voters() {
        ClusterMap map = map();
        if (map != votersOf) {
            votersOf = map;
            voters = map.nodes().stream().filter(NodeEntry::voter).map(NodeEntry::id).toList();
        }
        return voters;
    }

    private ClusterMap map() {
        return log.state().map();
    }

    private void enterTerm(long newTerm, long nowNs) {
        if (term != 0) {
            ledUntilNs = nowNs;
        }
        term = newTerm;
        members.clear();
        guard.clear();
        desk.clear();
        contact.clear();
        formerLeases.clear();
        asked.clear();
        rebuilds.clear();
        deletions.clear();
        decided.clear();
        pushedEpoch = -1;
        inForceEpoch = 0;
        bootstrapProposed = false;
        patientUntilNs = nowNs;
        patienceEndNs = nowNs;
        polledNs = nowNs;
        if (newTerm == 0) {
            return;
        }
        reachedNs = Long.MAX_VALUE;
        // Whatever leaders before have granted, it has ended by then.
        formerEndNs = nowNs + config.longestNs();
        for (NodeEntry node : map().members()) {
            // No grace: whoever lives has had all that time to find this leader.
            members.put(node.id(), new Member(node, formerEndNs, formerEndNs));
            outbox.send(node.id(), new Message.Leads(term, nodeId));
        }
        calledNs = nowNs;
        // It has ended earlier where voters have confirmed no leader for long.
        contact.wantAtOnce(nowNs, nowNs);
    }

    /**
     * What this node has granted itself, when it led before, its voter does not tell: it is of this
     * term if a process has lost the term with its power, and was elected in it once more.
     */
    private void followFormerLeases(long nowNs) {
        if (nowNs >= formerEndNs) {
            return; // they have ended
        }
        long toldNs = formerLeases.endNs(voters().size() / 2 + 1);
        if (toldNs == Long.MAX_VALUE) {
            return;
        }
        reachedNs = Math.min(reachedNs, nowNs);
        long endNs = Math.max(toldNs, ledUntilNs + config.longestNs());
        if (endNs < formerEndNs) {
            formerEndNs = endNs;
            long unheardNs = Math.max(endNs, reachedNs + config.answerNs());
            members.values().forEach(member -> member.formerLeasesEnd(endNs, unheardNs));
        }
    }

    /** Says once more who leads to those that have not been heard: a message may be lost. */
    private void callUnheard(long nowNs) {
        if (nowNs - calledNs < config.askEveryNs()) {
            return;
        }
        calledNs = nowNs;
        for (Member member : members.values()) {
            if (member.online && !member.downUnderWay() && !member.isHeard()) {
                outbox.send(member.nodeId, new Message.Leads(term, nodeId));
            }
        }
    }

    /**
     * A leader that consensus keeps and members do not hear, or do not believe since its wall clock
     * is off, can grant no lease: all have run out by now.
     */
    private void giveWay(long nowNs) {
        if (nowNs >= handOverNs && contact.isOverdue(nowNs, 2 * config.longestNs())) {
            handOverNs = nowNs + HAND_OVER_EVERY_NS;
            log.handOver(
                    "this leader has asked in vain for a majority, and grants no leases (do members"
                            + " reach each other's REST port, and do their wall clocks agree?)");
        }
    }

    /**
     * While this process stood still, renewals waited unread: that silence is its own, and it takes
     * them in faster than they came. Short pauses that follow each other, on a busy machine, excuse
     * nobody for ever.
     */
    private void noticeOwnPause(long nowNs) {
        long pauseNs = nowNs - polledNs;
        if (pauseNs > config.leaseNs() / 8) {
            long patienceNs = Math.min(pauseNs, config.leaseNs() / 2);
            boolean isFirst = polledNs >= patientUntilNs || pauseNs >= config.leaseNs() / 2;
            if (isFirst) {
                patienceEndNs = nowNs + config.leaseNs();
            }
            patientUntilNs = Math.min(nowNs + patienceNs, patienceEndNs);
            rebuilds.pausedFor(pauseNs);
        }
        polledNs = nowNs;
    }

    private int bootstrap() {
        if (bootstrap == null || bootstrapProposed || log.state().initialised()) {
            return 0;
        }
        bootstrapProposed = true;
        log.propose(bootstrap, new Retry(() -> bootstrapProposed = false));
        return 1;
    }

    private int takeNewMap(long nowNs) {
        ClusterMap map = map();
        if (map.epoch() == pushedEpoch) {
            return 0;
        }
        for (NodeEntry node : map.members()) {
            Member known = members.get(node.id());
            long suspectNs = nowNs + config.firstPatienceNs();
            if (known == null) {
                // Nobody has granted it anything: it was registered in this term.
                members.put(node.id(), new Member(node, Long.MIN_VALUE, suspectNs));
            } else if (known.incarnation != node.incarnation()) {
                members.put(node.id(), known.replacedBy(node, suspectNs));
            } else {
                known.online = node.state() == NodeState.ONLINE;
            }
        }
        forgetRemoved(map, nowNs);
        deletions.onMap(map);
        pushedEpoch = map.epoch();
        for (NodeEntry node : map.nodes()) {
            if (node.state() == NodeState.ONLINE) {
                push(node.id());
            }
        }
        decided.add(map);
        return 1;
    }

    /** As long as a process before the last one may have a lease, that one is waited for. */
    private void forgetRemoved(ClusterMap map, long nowNs) {
        for (NodeEntry node : map.nodes()) {
            Member member = members.get(node.id());
            if (member != null && node.state() == NodeState.REMOVED) {
                member.online = false;
                if (member.mayBeInForce(nowNs) == Long.MAX_VALUE) {
                    members.remove(node.id());
                }
            }
        }
    }

    private void push(int node) {
        outbox.send(node, new Message.NewMap(term, map(), inForceEpoch));
    }

    private void onRegister(int from, Message.Register register) {
        Decision.RegisterNode registration = register.registration();
        NodeEntry known = map().node(from).orElse(null);
        boolean spoofed = registration.node().id() != from;
        boolean old = known != null && known.incarnation() >= registration.incarnation();
        if (spoofed || old) {
            push(from);
            return;
        }
        desk.register(from, registration, () -> push(from));
    }

    private void onRenew(int from, Message.Renew renew, long nowNs) {
        Member member = members.get(from);
        if (member == null || member.incarnation != renew.incarnation()) {
            push(from);
            return;
        }
        boolean agrees = decided.of(renew) == DecidedMaps.Verdict.SAME;
        if (!member.heard(renew, agrees, nowNs)) {
            return;
        }
        if (renew.appliedEpoch() == map().epoch()) {
            contact.owed(nowNs);
        }
        if (renew.receivedEpoch() < map().epoch()) {
            push(from);
        }
    }

    private int answerRenewals(long nowNs) {
        int work = 0;
        for (Member member : members.values()) {
            Member.Waiting waiting = member.waiting();
            if (waiting == null) {
                continue;
            }
            DecidedMaps.Verdict verdict = decided.of(waiting.renewal());
            boolean isAhead = verdict == DecidedMaps.Verdict.AHEAD;
            boolean allowed =
                    member.mayHaveLease()
                            && waiting.renewal().appliedEpoch() == map().epoch()
                            && verdict == DecidedMaps.Verdict.SAME;
            // Who does not lead any more has not lost what it does not know.
            if ((allowed || isAhead) && !contact.since(waiting.receivedNs())) {
                contact.want(waiting.receivedNs(), nowNs);
                continue;
            }
            if (allowed) {
                member.granted(
                        waiting.receivedNs() + config.longestNs(),
                        waiting.receivedNs() + config.patienceNs());
            }
            member.answered();
            Message.Renew renewal = waiting.renewal();
            if (isAhead || verdict == DecidedMaps.Verdict.OTHER) {
                strays(member, renewal.appliedEpoch());
            } else if (verdict == DecidedMaps.Verdict.SAME) {
                member.straysNoMore();
            }
            outbox.send(
                    member.nodeId,
                    new Message.Renewed(
                            term,
                            renewal.incarnation(),
                            renewal.sequence(),
                            allowed,
                            inForceEpoch,
                            untilCommonRenewalNs(nowNs)));
            work++;
        }
        return work;
    }

    /** It gets no lease, and the map, so that it knows as well. */
    private void strays(Member member, long epoch) {
        if (!member.straysAt(epoch)) {
            return;
        }
        LOG.log(
                System.Logger.Level.ERROR,
                "node {0} has applied another map of epoch {1} than was decided, of which the"
                        + " newest is {2}: decisions have been lost. It gets no lease before it"
                        + " has a map of a later epoch",
                String.valueOf(member.nodeId),
                String.valueOf(epoch),
                String.valueOf(map().epoch()));
        push(member.nodeId);
    }

    /** Renewals that come together share one question to the majority. */
    private long untilCommonRenewalNs(long nowNs) {
        return config.renewEveryNs() - nowNs % config.renewEveryNs();
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs() {
        if (term == 0) {
            return wonTerm == 0 ? Long.MAX_VALUE : polledNs;
        }
        long nextNs = Math.min(contact.nextPollNs(), desk.nextPollNs(deskPatienceNs()));
        boolean forcing = inForceEpoch < map().epoch();
        for (Member member : members.values()) {
            nextNs = Math.min(nextNs, member.nextNs(polledNs, forcing));
        }
        if (patientUntilNs > polledNs) {
            nextNs = Math.min(nextNs, patientUntilNs);
        }
        // Before its own silence would count as a pause.
        return Math.min(nextNs, polledNs + config.leaseNs() / 10);
    }

    private long deskPatienceNs() {
        return config.leaseNs() / 4;
    }

    private int suspect(long nowNs) {
        int work = 0;
        for (Member member : members.values()) {
            if (member.downUnderWay() || !member.online) {
                continue;
            }
            if (member.ended()) {
                proposeDown(member, "its process has ended");
                work++;
            } else if (member.silent(nowNs) && nowNs >= patientUntilNs) {
                if (contact.since(member.suspectNs())) {
                    proposeDown(member, silence(member));
                    work++;
                } else {
                    // A leader that has itself been cut off judges nobody.
                    contact.wantAtOnce(member.suspectNs(), nowNs);
                }
            }
        }
        return work;
    }

    private String silence(Member member) {
        if (member.strayEpoch() != 0) {
            return "its lease has ended: it has applied another map of epoch %d than was decided"
                    .formatted(member.strayEpoch());
        }
        return member.appliedEpoch < map().epoch()
                ? "its lease has ended: it is silent, or late: it has applied epoch %d of %d"
                        .formatted(member.appliedEpoch, map().epoch())
                : "its lease has ended: it is silent";
    }

    private void proposeDown(Member member, String reason) {
        LOG.log(
                System.Logger.Level.INFO,
                "node {0} is declared down: {1}",
                String.valueOf(member.nodeId),
                reason);
        member.downProposed();
        log.propose(
                new Decision.NodeDown(member.nodeId, member.incarnation, reason),
                new Retry(member::downUnknown));
    }

    private int findInForce(long nowNs) {
        long least = map().epoch();
        for (Member member : members.values()) {
            least = Math.min(least, member.mayBeInForce(nowNs));
        }
        if (least <= inForceEpoch) {
            return 0;
        }
        inForceEpoch = least;
        decided.forgetBelow(inForceEpoch);
        for (Member member : members.values()) {
            if (member.online) {
                outbox.send(member.nodeId, new Message.InForce(term, inForceEpoch));
            }
        }
        return 1;
    }

    /**
     * The others that present the volume look whether they reach its stores. One that has just
     * started anew rests at first: ways that come and go would make it move as often.
     */
    private void onCutOff(int from, Message.CutOff cutOff, long nowNs) {
        Asked before = asked.get(cutOff.vuid());
        if (before != null
                && before.volumeEpoch() != cutOff.volumeEpoch()
                && nowNs - before.ns() < TAKEN_REST_NS) {
            return;
        }
        asked.put(cutOff.vuid(), new Asked(cutOff.volumeEpoch(), nowNs));
        map().volume(cutOff.vuid())
                .filter(volume -> volume.owner() == from && volume.epoch() == cutOff.volumeEpoch())
                .ifPresent(volume -> {
                    Message wanted = new Message.Wanted(term, volume.vuid(), volume.epoch());
                    volume.paths().stream()
                            .filter(path -> path != from && members.containsKey(path))
                            .forEach(path -> outbox.send(path, wanted));
                });
    }

    private void onEnded(int from, Message.Ended ended) {
        Member member = members.get(ended.nodeId());
        if (member != null && !member.end(ended.incarnation()) && member.online) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "a process of node {0} has ended, {1}, which is not the one that is registered,"
                            + " {2}: were it the same, its lease would have to run out",
                    String.valueOf(member.nodeId),
                    Long.toHexString(ended.incarnation()),
                    Long.toHexString(member.incarnation));
        }
        outbox.send(from, new Message.EndedHeard(ended.nodeId(), ended.incarnation()));
    }

    /** For the leader's own proposals: what matters shows in the map. */
    private record Retry(Runnable again) implements DecisionLog.Callback {
        @Override
        public void decided(Result result) {
            // A refusal means that the state has moved on, and the next poll sees how.
        }

        @Override
        public void unknown(String why) {
            again.run();
        }
    }
}
