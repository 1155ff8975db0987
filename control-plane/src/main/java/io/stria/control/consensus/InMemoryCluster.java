package io.stria.control.consensus;

import io.stria.control.decisions.ClusterState;
import java.util.Collection;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * All voters of a simulated cluster and the messages between them. Single threaded; time and
 * randomness come from the simulator, so one seed gives one history. A voter's term, vote and log
 * survive its stops; what it has applied does not.
 */
public final class InMemoryCluster {
    /** Whether a message sent now gets from one node to another. */
    public interface Links {
        boolean reach(int from, int to);
    }

    private record Event(long atNs, long order, InMemoryLog to, Runnable action)
            implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final InMemoryConfig config;
    private final RandomGenerator random;
    private final Links links;
    private final SortedMap<Integer, InMemoryLog> voters = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private LongSupplier clock = () -> Long.MIN_VALUE;
    private Runnable onEarlier = () -> {};
    private Consumer<ClusterState> onApplied = state -> {};
    private long order;
    private long nowNs;
    private long slowerByNs;
    private double lossChance;

    public InMemoryCluster(
            Collection<Integer> voterIds,
            InMemoryConfig config,
            RandomGenerator random,
            Links links) {
        this.config = config;
        this.random = random;
        this.links = links;
        voterIds.forEach(id -> voters.put(id, new InMemoryLog(id, this)));
    }

    /**
     * For a world that polls only when {@link #nextPollNs} says so.
     *
     * @param newClock what happens between two polls happens at its time
     * @param whenEarlier runs when something may be due earlier than was said
     */
    public void follow(LongSupplier newClock, Runnable whenEarlier) {
        clock = newClock;
        onEarlier = whenEarlier;
    }

    /** Messages take up to so much longer from now on: voters whose logs are slow. */
    public void slowBy(long ns) {
        slowerByNs = ns;
    }

    /** Messages vanish with this chance from now on, but for those to the voter itself. */
    public void lose(double chance) {
        lossChance = chance;
    }

    /** When {@link #poll} has something to do next, if nobody proposes or starts a voter before. */
    public long nextPollNs() {
        Event next = events.peek();
        long dueNs = next == null ? Long.MAX_VALUE : next.atNs;
        for (InMemoryLog voter : voters.values()) {
            dueNs = Math.min(dueNs, voter.nextTickNs());
        }
        return dueNs;
    }

    /** Gets each state that a voter comes to, decision by decision; for checkers. */
    public void watch(Consumer<ClusterState> watcher) {
        onApplied = watcher;
    }

    void applied(ClusterState state) {
        onApplied.accept(state);
    }

    void mayBeEarlier() {
        onEarlier.run();
    }

    /** The end that this voter's node polls; its callbacks come from {@link #poll} too. */
    public InMemoryLog log(int voter) {
        InMemoryLog log = voters.get(voter);
        if (log == null) {
            throw new IllegalArgumentException("node " + voter + " is not a voter");
        }
        return log;
    }

    /** Delivers what is due and lets voters that hear nothing stand for election. */
    public int poll(long now) {
        int work = 0;
        for (Event next = events.peek(); next != null && next.atNs <= now; next = events.peek()) {
            events.poll();
            nowNs = Math.max(nowNs, next.atNs);
            if (!next.to.holds(next.action)) {
                next.action.run();
            }
            work++;
        }
        nowNs = Math.max(nowNs, now);
        for (InMemoryLog voter : voters.values()) {
            work += voter.tick(nowNs);
        }
        return work;
    }

    /** The newest state that any voter has applied; for checkers. */
    public ClusterState newestState() {
        ClusterState newest = ClusterState.empty();
        for (InMemoryLog voter : voters.values()) {
            if (voter.state().map().epoch() > newest.map().epoch()) {
                newest = voter.state();
            }
        }
        return newest;
    }

    Collection<InMemoryLog> voters() {
        return voters.values();
    }

    InMemoryConfig config() {
        return config;
    }

    long nowNs() {
        return Math.max(nowNs, clock.getAsLong());
    }

    int majority() {
        return voters.size() / 2 + 1;
    }

    long between(long minNs, long maxNs) {
        return minNs + (long) (random.nextDouble() * (maxNs - minNs));
    }

    /** Runs the action at the other voter after a delay, unless the message is lost. */
    void send(int from, int to, Runnable action) {
        boolean lost = lossChance > 0 && from != to && random.nextDouble() < lossChance;
        if (lost || !links.reach(from, to)) {
            return;
        }
        long delayNs =
                from == to ? 0 : between(config.delayMinNs(), config.delayMaxNs() + slowerByNs);
        arrives(nowNs() + delayNs, log(to), action);
    }

    /** What was held back for a voter is handled when it goes on, one message after the other. */
    void release(InMemoryLog to, Collection<Runnable> held) {
        long atNs = nowNs();
        for (Runnable action : held) {
            atNs += between(0, config.delayMinNs());
            arrives(atNs, to, action);
        }
    }

    private void arrives(long atNs, InMemoryLog to, Runnable action) {
        events.add(new Event(atNs, order++, to, action));
        mayBeEarlier();
    }
}
