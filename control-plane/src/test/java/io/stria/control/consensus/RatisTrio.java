package io.stria.control.consensus;

import io.stria.control.TestPorts;
import io.stria.control.consensus.ConsensusConfig.Voter;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.security.ClusterSecret;
import io.stria.control.security.MemberIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Three real Ratis servers, or more, in this process, polled by the test's thread. */
final class RatisTrio implements AutoCloseable {
    static final int SNAPSHOT_EVERY = 50;

    /** For what is awaited and has no bound of its own: a busy machine may take its time. */
    static final int PATIENCE_MS = 60_000;

    /** What is no test of elections should have one leader, also where a process stands for 1 s. */
    static final int ELECTION_MS = 2_000;

    final UUID clusterId = UUID.randomUUID();
    final ClusterSecret secret = ClusterSecret.random();
    final List<Voter> voters = new ArrayList<>();
    final SortedMap<Integer, RatisLog> logs = new TreeMap<>();
    private final Path directory;
    private final int electionMinMs;

    /** By the two voters' numbers, when there are any. */
    private final Map<List<Integer>, Way> ways = new HashMap<>();

    private final Semaphore news = new Semaphore(0);

    RatisTrio(Path directory) throws IOException {
        this(directory, ELECTION_MS);
    }

    RatisTrio(Path directory, int electionMinMs) throws IOException {
        this(directory, electionMinMs, 3);
    }

    RatisTrio(Path directory, int electionMinMs, int size) throws IOException {
        this.directory = directory;
        this.electionMinMs = electionMinMs;
        for (int id = 1; id <= size; id++) {
            voters.add(new Voter(id, "127.0.0.1", TestPorts.free()));
        }
    }

    /** From now on voters reach each other by ways that can be cut. */
    void throughWays() throws IOException {
        for (Voter from : voters) {
            for (Voter to : voters) {
                if (from != to) {
                    ways.put(List.of(from.nodeId(), to.nodeId()), new Way(to.port()));
                }
            }
        }
    }

    /** All ways from and to that voter. */
    void cut(int id) {
        ways.forEach((ends, way) -> {
            if (ends.contains(id)) {
                way.cut();
            }
        });
    }

    void heal() {
        ways.values().forEach(Way::heal);
    }

    /** When it first connected to that one since ways healed; 0 if it did not. */
    long connectedAgainNs(int from, int to) {
        Way way = ways.get(List.of(from, to));
        return way == null ? 0 : way.usedAgainNs();
    }

    void healBetween(int one, int other) {
        ways.forEach((ends, way) -> {
            if (ends.contains(one) && ends.contains(other)) {
                way.heal();
            }
        });
    }

    private Voter asSeenBy(int id, Voter voter) {
        Way way = ways.get(List.of(id, voter.nodeId()));
        return way == null ? voter : new Voter(voter.nodeId(), voter.address(), way.port());
    }

    ConsensusConfig config(int id, boolean mayFormat) {
        return new ConsensusConfig(
                clusterId,
                id,
                voters.stream().map(voter -> asSeenBy(id, voter)).toList(),
                directory.resolve("n" + id),
                mayFormat,
                electionMinMs,
                2 * electionMinMs,
                SNAPSHOT_EVERY);
    }

    void start(int id, boolean mayFormat) throws IOException {
        start(id, mayFormat, secret);
    }

    void start(int id, boolean mayFormat, ClusterSecret own) throws IOException {
        MemberIdentity identity = MemberIdentity.of(own, "node-" + id, "127.0.0.1");
        logs.put(id, RatisLog.start(config(id, mayFormat), identity, news::release));
    }

    /** Something at that voter's address that takes connections and says nothing. */
    ServerSocket mute(int id) throws IOException {
        return new ServerSocket(voters.get(id - 1).port(), 16, InetAddress.getByName("127.0.0.1"));
    }

    void startAll() throws IOException {
        for (Voter voter : voters) {
            start(voter.nodeId(), true);
        }
    }

    void stop(int id) throws IOException {
        RatisLog log = logs.remove(id);
        if (log != null) {
            log.close();
        }
    }

    int leader() {
        return logs.entrySet().stream()
                .filter(entry -> entry.getValue().leadingTerm() != 0)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(0);
    }

    int awaitLeader() throws InterruptedException {
        int[] leader = {0};
        await(() -> (leader[0] = leader()) != 0, PATIENCE_MS + 10L * electionMinMs);
        return leader[0];
    }

    RatisLog log(int id) {
        RatisLog log = logs.get(id);
        if (log == null) {
            throw new AssertionError("node " + id + " does not run");
        }
        return log;
    }

    long epoch(int id) {
        return log(id).state().map().epoch();
    }

    /** Where that voter keeps all that is of the log. */
    Path storage(int id) {
        return directory.resolve("n" + id).resolve(clusterId.toString());
    }

    Path current(int id) {
        return storage(id).resolve("current");
    }

    void await(BooleanSupplier condition) throws InterruptedException {
        await(condition, PATIENCE_MS);
    }

    /** Polls whenever there is news, and at least every few milliseconds. */
    void await(BooleanSupplier condition, long limitMs) throws InterruptedException {
        long endNs = System.nanoTime() + limitMs * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("not within " + limitMs + " ms");
            }
            news.tryAcquire(5, TimeUnit.MILLISECONDS);
            logs.values().forEach(log -> log.poll(System.nanoTime()));
        }
    }

    /** Null when it is not known what became of it. */
    @Nullable Result propose(int id, Decision decision) throws InterruptedException {
        CompletableFuture<@Nullable Result> answer = new CompletableFuture<>();
        log(id).propose(
                        decision,
                        new DecisionLog.Callback() {
                            @Override
                            public void decided(Result result) {
                                answer.complete(result);
                            }

                            @Override
                            public void unknown(String why) {
                                answer.complete(null);
                            }
                        });
        await(answer::isDone);
        return answer.join();
    }

    /**
     * Has whoever leads decide it: again, until it is known what became of it. So it may have been
     * decided before.
     */
    Result decide(Decision decision) throws InterruptedException {
        long endNs = System.nanoTime() + PATIENCE_MS * 1_000_000L;
        while (System.nanoTime() < endNs) {
            Result result = propose(awaitLeader(), decision);
            if (result != null) {
                return result;
            }
        }
        throw new AssertionError("nobody knows what became of " + decision);
    }

    /** As {@link #decide}; it must not be refused. Returns the epoch of the map since. */
    long accept(Decision decision) throws InterruptedException {
        Result result = decide(decision);
        if (!result.accepted()) {
            throw new AssertionError(decision + ": " + result);
        }
        return result.epoch();
    }

    @Override
    public void close() throws IOException {
        for (RatisLog log : logs.values()) {
            log.close();
        }
        for (Way way : ways.values()) {
            way.close();
        }
    }
}
