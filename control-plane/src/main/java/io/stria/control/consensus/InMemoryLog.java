package io.stria.control.consensus;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One voter of an {@link InMemoryCluster}: Raft's rules with whole logs in place of log matching.
 * One kind of round serves as heartbeat and append.
 */
public final class InMemoryLog implements DecisionLog {
    private record Entry(long term, @Nullable Decision decision, @Nullable Callback callback) {}

    /** What a leader asks of all voters at one time. */
    private record Round(
            long term, InMemoryLog leader, int length, int committed, Set<Integer> accepted) {}

    /** So many messages the kernel keeps for a process that stands still. */
    private static final int HELD_MAX = 100;

    private final int id;
    private final InMemoryCluster cluster;

    // Durable.
    private long term;
    private List<Entry> log = new ArrayList<>();

    // Lost when the process ends.
    private boolean running = true;
    private boolean failed;
    private boolean leading;
    private int leaderId;
    private int committed;
    private int applied;
    private int readyAt;
    private ClusterState state = ClusterState.empty();
    private long heardNs;
    private long leaderHeardNs = Long.MIN_VALUE / 2;
    private long patienceNs;
    private long nextHeartbeatNs;
    private long majorityHeardNs;
    private int handedOver;
    private Runnable onNews = () -> {};

    /** What has come while the process stands still. */
    private final Deque<Runnable> held = new ArrayDeque<>();

    private boolean standing;

    /** No timer of it ends before. */
    private long timersFromNs = Long.MIN_VALUE;

    InMemoryLog(int id, InMemoryCluster cluster) {
        this.id = id;
        this.cluster = cluster;
        patienceNs =
                cluster.between(cluster.config().electionMinNs(), cluster.config().electionMaxNs());
    }

    /**
     * Runs, while the process does, when polling it would find something: as Ratis's threads do.
     */
    public void onNews(Runnable news) {
        onNews = news;
    }

    /** The process ends; proposals under way are never answered. */
    public void stop() {
        running = false;
        standing = false;
        held.clear();
        onNews = () -> {};
        leading = false;
        committed = 0;
        applied = 0;
        leaderId = 0;
        state = ClusterState.empty();
        log.replaceAll(entry -> new Entry(entry.term, entry.decision, null));
    }

    /** Its disk takes nothing any more: it takes part in nothing until its process starts anew. */
    public void fail() {
        failed = true;
        running = false;
        stepDown();
    }

    @Override
    public boolean alive() {
        return !failed;
    }

    /** Entries that this voter has kept. */
    public int length() {
        return log.size();
    }

    /**
     * Its disk has lost what it had called durable: all entries behind these. Only while the
     * process does not run. When a majority loses an entry, what it decided may be undone.
     */
    public void loseEntriesBehind(int length) {
        log = new ArrayList<>(log.subList(0, Math.min(length, log.size())));
    }

    /** The process starts again, with its term and log. */
    public void start() {
        running = true;
        failed = false;
        standing = false;
        held.clear();
        leaderHeardNs = Long.MIN_VALUE / 2;
        becomePatient();
        cluster.mayBeEarlier();
    }

    /** The process stands still: it hears nothing, and still thinks what it thought. */
    public void standStill() {
        standing = true;
    }

    /**
     * The process goes on where it stood, and what has come meanwhile is handled. A leader finds
     * out that it leads no more from what it hears, or when it looks at its timers, whichever is
     * first; until then it goes on as one.
     */
    public void goOn() {
        if (standing) {
            standing = false;
            timersFromNs = cluster.nowNs() + cluster.between(0, cluster.config().heartbeatNs());
            cluster.release(this, List.copyOf(held));
            held.clear();
            cluster.mayBeEarlier();
        }
    }

    /** Takes a message that the process cannot take now; some are lost if it is long. */
    boolean holds(Runnable message) {
        if (standing && held.size() < HELD_MAX) {
            held.add(message);
        }
        return standing;
    }

    @Override
    public int poll(long nowNs) {
        return 0;
    }

    @Override
    public long leadingTerm() {
        return leading && applied >= readyAt ? term : 0;
    }

    @Override
    public long keptTerm() {
        return term;
    }

    @Override
    public Leader leader() {
        return leaderId == 0 ? Leader.UNKNOWN : new Leader(term, leaderId);
    }

    @Override
    public ClusterState state() {
        return state;
    }

    @Override
    public long currentTerm() {
        return term;
    }

    @Override
    public void propose(Decision decision, Callback callback) {
        if (leadingTerm() == 0) {
            callback.unknown("this node does not lead");
            return;
        }
        log.add(new Entry(term, decision, callback));
        startRound();
    }

    @Override
    public void standFor(int formerLeader) {
        if (running && !leading && leaderId == formerLeader) {
            standForElection();
        }
    }

    @Override
    public void handOver(String why) {
        List<InMemoryLog> others =
                cluster.voters().stream().filter(voter -> voter != this).toList();
        if (running && leading && !others.isEmpty()) {
            InMemoryLog next = others.get(handedOver++ % others.size());
            cluster.send(id, next.id, () -> next.standFor(id));
        }
    }

    /** When {@link #tick} has something to do. */
    long nextTickNs() {
        if (!running || standing) {
            return Long.MAX_VALUE;
        }
        long dueNs =
                leading
                        ? Math.min(
                                nextHeartbeatNs,
                                majorityHeardNs + cluster.config().electionMaxNs() + 1)
                        : heardNs + patienceNs;
        return Math.max(dueNs, timersFromNs);
    }

    int tick(long nowNs) {
        if (!running || standing || nowNs < timersFromNs) {
            return 0;
        }
        if (leading) {
            if (nowNs - majorityHeardNs > cluster.config().electionMaxNs()) {
                stepDown();
                return 1;
            }
            if (nowNs >= nextHeartbeatNs) {
                startRound();
                return 1;
            }
        } else if (nowNs - heardNs >= patienceNs) {
            askBeforeElection();
            return 1;
        }
        return 0;
    }

    private void becomePatient() {
        heardNs = cluster.nowNs();
        patienceNs =
                cluster.between(cluster.config().electionMinNs(), cluster.config().electionMaxNs());
    }

    /**
     * Asks first who would vote for it, as Ratis does: a voter that is heard but does not hear must
     * not end one leadership after the other.
     */
    private void askBeforeElection() {
        becomePatient();
        long asked = term;
        Set<Integer> willing = new HashSet<>();
        for (InMemoryLog voter : cluster.voters()) {
            cluster.send(
                    id,
                    voter.id,
                    () -> {
                        if (voter.wouldVoteFor(this)) {
                            cluster.send(voter.id, id, () -> isWilling(voter.id, asked, willing));
                        }
                    });
        }
    }

    private boolean wouldVoteFor(InMemoryLog candidate) {
        boolean hasLeader =
                leading || cluster.nowNs() - leaderHeardNs < cluster.config().electionMinNs();
        return running && !hasLeader && candidate.isUpToDateFor(this);
    }

    private void isWilling(int voter, long asked, Set<Integer> willing) {
        boolean present = running && !leading && term == asked;
        if (present && willing.add(voter) && willing.size() == cluster.majority()) {
            standForElection();
        }
    }

    private void standForElection() {
        becomePatient();
        follow(term + 1, 0);
        long candidacy = term;
        Set<Integer> votes = new HashSet<>();
        for (InMemoryLog voter : cluster.voters()) {
            cluster.send(
                    id,
                    voter.id,
                    () -> {
                        if (voter.votesFor(candidacy, this)) {
                            cluster.send(voter.id, id, () -> counted(voter.id, candidacy, votes));
                        }
                    });
        }
    }

    private boolean votesFor(long candidacy, InMemoryLog candidate) {
        boolean newer = candidacy > term || (candidate == this && candidacy == term);
        if (!running || !newer) {
            return false;
        }
        if (candidate != this) {
            follow(candidacy, 0);
        }
        boolean upToDate = candidate.isUpToDateFor(this);
        if (upToDate) {
            becomePatient();
        }
        return upToDate;
    }

    private boolean isUpToDateFor(InMemoryLog voter) {
        return lastTerm() > voter.lastTerm()
                || (lastTerm() == voter.lastTerm() && log.size() >= voter.log.size());
    }

    private void counted(int voter, long candidacy, Set<Integer> votes) {
        votes.add(voter);
        if (running && !leading && term == candidacy && votes.size() >= cluster.majority()) {
            leading = true;
            leaderId = id;
            majorityHeardNs = cluster.nowNs();
            // Its own list from now on: followers refer to it only up to the length of a round.
            log = new ArrayList<>(log);
            log.add(new Entry(term, null, null));
            readyAt = log.size();
            startRound();
        }
    }

    private long lastTerm() {
        return log.isEmpty() ? 0 : log.getLast().term;
    }

    /** Enters a term; a leader of an earlier one ends. */
    private void follow(long newTerm, int newLeader) {
        if (newTerm > term) {
            term = newTerm;
            leaderId = 0;
            if (leading) {
                stepDown();
            }
        }
        if (newLeader != 0) {
            leaderId = newLeader;
        }
    }

    /**
     * Also when it has heard from no majority for long, as Ratis does: else a leader that is heard
     * and does not hear would keep the others from electing one that can decide.
     */
    private void stepDown() {
        leading = false;
        leaderId = 0;
        becomePatient();
        abandon(committed);
        onNews.run();
    }

    private void abandon(int from) {
        for (int i = from; i < log.size(); i++) {
            Entry entry = log.get(i);
            if (entry.callback != null) {
                log.set(i, new Entry(entry.term, entry.decision, null));
                entry.callback.unknown("leadership was lost");
            }
        }
    }

    private void startRound() {
        if (!leading || !running) {
            return;
        }
        nextHeartbeatNs = cluster.nowNs() + cluster.config().heartbeatNs();
        Round round = new Round(term, this, log.size(), committed, new HashSet<>());
        List<Entry> entries = log; // a leader only adds to its own list
        for (InMemoryLog voter : cluster.voters()) {
            cluster.send(id, voter.id, () -> voter.onRound(round, entries));
        }
    }

    private void onRound(Round round, List<Entry> entries) {
        if (!running) {
            return;
        }
        if (round.term < term) {
            long newer = term;
            cluster.send(id, round.leader.id, () -> round.leader.onNewerTerm(newer));
            return;
        }
        follow(round.term, round.leader.id);
        if (round.leader != this) {
            becomePatient();
            leaderHeardNs = cluster.nowNs();
            boolean news = round.term > lastTerm() || round.length > log.size();
            if (news) {
                log = new ArrayList<>();
                for (Entry entry : entries.subList(0, round.length)) {
                    log.add(new Entry(entry.term, entry.decision, null));
                }
            }
            commit(Math.min(round.committed, log.size()));
        }
        cluster.send(id, round.leader.id, () -> round.leader.onAccepted(round, id));
    }

    private void onNewerTerm(long newer) {
        if (running) {
            follow(newer, 0);
        }
    }

    private void onAccepted(Round round, int voter) {
        boolean present = running && leading && term == round.term;
        if (present && round.accepted.add(voter) && round.accepted.size() == cluster.majority()) {
            majorityHeardNs = cluster.nowNs();
            commit(round.length);
        }
    }

    private void commit(int length) {
        committed = Math.max(committed, length);
        if (applied < committed) {
            applyCommitted();
            onNews.run();
        }
    }

    private void applyCommitted() {
        while (applied < committed) {
            Entry entry = log.get(applied++);
            if (entry.decision == null) {
                continue;
            }
            Decider.Step step = Decider.apply(state, entry.decision);
            state = step.state();
            cluster.applied(state);
            Result result = step.result();
            if (entry.callback != null) {
                log.set(applied - 1, new Entry(entry.term, entry.decision, null));
                entry.callback.decided(result);
            }
        }
    }
}
