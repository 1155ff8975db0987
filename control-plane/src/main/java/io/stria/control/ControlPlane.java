package io.stria.control;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.bus.ClusterBus;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.consensus.RatisLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import io.stria.control.lease.AgentConfig;
import io.stria.control.lease.ControlNode;
import io.stria.control.lease.Coordinator;
import io.stria.control.lease.Incarnation;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.LocalDevices;
import io.stria.control.lease.MapSink;
import io.stria.control.lease.Message;
import io.stria.control.lease.NodeAgent;
import io.stria.control.rest.ControlAccess;
import io.stria.control.rest.ControlView;
import io.stria.control.rest.HeldRequest;
import io.stria.control.rest.MessageAuth;
import io.stria.control.rest.MoveRates;
import io.stria.control.rest.PeerPost;
import io.stria.control.rest.RestServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of one node. Its methods may be called by any thread and never wait, but for
 * {@link #start} and {@link #close}; answers come on the control thread, which must not be kept.
 */
public final class ControlPlane implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlPlane.class.getName());
    private static final long SECOND_NS = 1_000_000_000;
    private static final long OWNER_NS = 2 * SECOND_NS;
    private static final long START_SECONDS = 60;
    private static final long CLOSE_SECONDS = 10;
    private static final int BLOCKED_CHECK_SECONDS = 10;

    /** As when a reactor has failed. */
    private static final int HALT_STATUS = 70;

    private final ControlConfig config;
    private final LongSupplier nowNs;
    private final Vertx vertx;
    private final ControlLoop loop;
    private final Set<Integer> away = new HashSet<>();
    private final EpochWaiters waiters = new EpochWaiters();
    private final MoveRates rates = new MoveRates();
    private final ControlMetrics metrics;
    private final OwnVoter voter;
    private final @Nullable RatisLog log;
    private final ControlNode node;
    private final NodeAgent agent;
    private final PeerPost post;
    private final RestServer rest;
    private @Nullable ClusterBus bus;
    private int apiPort;
    private volatile ControlView view;

    private ControlPlane(
            ControlConfig config,
            LocalDevices devices,
            MapSink mapSink,
            LeaseSink leaseSink,
            LongSupplier nowNs,
            Consumer<String> ending)
            throws IOException {
        this.config = config;
        this.nowNs = nowNs;
        NodeSpec self = config.self().spec();
        loop =
                new ControlLoop(
                        "stria-control-" + config.nodeId(),
                        this::poll,
                        () -> Runtime.getRuntime().halt(HALT_STATUS));
        // First, since it is what may fail when a cluster is made.
        voter = OwnVoter.open(config, loop::wake);
        log = voter.log;
        vertx = Vertx.vertx(vertxOptions());
        MessageAuth auth = new MessageAuth(config.secret(), System::currentTimeMillis);
        post =
                new PeerPost(
                        vertx,
                        config.nodeId(),
                        config.nodes().stream().map(ControlConfig.Member::spec).toList(),
                        () -> view().map(),
                        auth,
                        this::deliver,
                        this::unreachable);
        agent =
                new NodeAgent(
                        new AgentConfig(
                                self,
                                config.ids(),
                                ProcessHandle.current().pid(),
                                config.engine(),
                                Incarnation.ofProcess(config.start()),
                                config.lease()),
                        post,
                        new WakingSink(mapSink, loop),
                        leaseSink,
                        devices,
                        voter::report,
                        ending);
        node = new ControlNode(agent, post, log, coordinator(), nowNs.getAsLong());
        view = look();
        metrics = new ControlMetrics(config.nodeId(), this::view, nowNs);
        rest = new RestServer(vertx, config.nodeId(), new Access(), auth, metrics.registry);
    }

    /**
     * Starts the control plane; returns when REST answers. The node registers, and gets its first
     * map, soon after: the sinks must be ready to be called.
     *
     * @param devices what this node has now; asked on the control thread
     * @param nowNs a clock that counts while the machine sleeps, never negative; the same that the
     *     lease's deadlines are compared with
     * @param ending called once, with the reason, when this process must end at once: another one
     *     has registered as this node, or the node was removed
     * @throws IOException if a port is taken, or the log cannot be made; one that was made and
     *     cannot be opened leaves the node without its voter, whose devices others need
     */
    public static ControlPlane start(
            ControlConfig config,
            LocalDevices devices,
            MapSink mapSink,
            LeaseSink leaseSink,
            LongSupplier nowNs,
            Consumer<String> ending)
            throws IOException {
        ControlPlane plane = new ControlPlane(config, devices, mapSink, leaseSink, nowNs, ending);
        try {
            plane.open();
            return plane;
        } catch (IOException | RuntimeException e) {
            plane.close();
            throw e;
        }
    }

    private static VertxOptions vertxOptions() {
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(2)
                .setInternalBlockingPoolSize(2)
                .setMaxEventLoopExecuteTime(BLOCKED_CHECK_SECONDS)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.SECONDS)
                .setBlockedThreadCheckInterval(BLOCKED_CHECK_SECONDS)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false));
    }

    private @Nullable Coordinator coordinator() {
        return log == null
                ? null
                : new Coordinator(config.nodeId(), log, config.lease(), post, config.bootstrap());
    }

    private void open() throws IOException {
        NodeSpec self = config.self().spec();
        loop.start();
        apiPort =
                await(
                        rest.listen(self.address(), self.apiPort()),
                        "REST cannot listen on port " + self.apiPort() + " of " + self.address());
        if (config.bus()) {
            bus = ClusterBus.startLater(config);
        }
    }

    private static <T> T await(Future<T> future, String otherwise) throws IOException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String reason = cause == null ? null : cause.getMessage();
            throw new IOException(otherwise + ": " + (reason == null ? e : reason), e);
        } catch (TimeoutException e) {
            throw new IOException(otherwise + " in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Returns how long there is nothing to do unless something arrives. */
    private long poll() {
        long now = nowNs.getAsLong();
        node.poll(now);
        post.flush(now);
        ControlView before = view;
        view = look();
        news(before, view);
        waiters.poll(now, agent.map().epoch());
        // What is overdue now waits for something to arrive: that must not keep a core busy.
        long leaseNs = config.lease().leaseNs();
        return Math.clamp(node.nextPollNs() - now, leaseNs / 200, leaseNs / 20);
    }

    /** Tells of the steps of a failover, so that their times can be read from the logs. */
    private void news(ControlView before, ControlView now) {
        int leader = now.leader().nodeId();
        if (leader != before.leader().nodeId()) {
            LOG.info(() ->
                    leader == 0
                            ? "no leader is known"
                            : "node %d leads, term %d".formatted(leader, now.leader().term()));
        }
        if (now.map().epoch() != before.map().epoch()) {
            rates.onMap(now.map(), now.polledNs());
        }
        if (now.map().epoch() != before.map().epoch()
                || now.inForceEpoch() != before.inForceEpoch()) {
            LOG.info(() ->
                    "map epoch %d, applied %d, in force %d"
                            .formatted(now.map().epoch(), now.appliedEpoch(), now.inForceEpoch()));
        }
    }

    private ControlView look() {
        long now = nowNs.getAsLong();
        return new ControlView(
                config.nodeId(),
                agent.map(),
                agent.appliedEpoch(),
                agent.inForceEpoch(),
                agent.leaseEndNs(),
                agent.incarnation(),
                node.leader(),
                voter.report(),
                node.leads(now),
                now);
    }

    private void deliver(int from, Message message) {
        loop.execute(() -> {
            long now = nowNs.getAsLong();
            node.onMessage(from, message, now);
            heard(from, now);
        });
    }

    private void deliver(int from, List<Message> messages, HeldRequest request) {
        loop.execute(() -> {
            long now = nowNs.getAsLong();
            post.hold(from, request, now);
            messages.forEach(message -> node.onMessage(from, message, now));
            heard(from, now);
        });
    }

    /** After what it has said: whether connections can begin anew must not keep that back. */
    private void heard(int from, long now) {
        if (away.contains(from) && (log == null || log.reconnect(from, now))) {
            away.remove(from);
        }
    }

    private void unreachable(int nodeId) {
        loop.execute(() -> {
            away.add(nodeId);
            agent.unreachable(nodeId);
        });
    }

    public ControlView view() {
        return view;
    }

    /** The newest map that has arrived; at epoch 0 before the first. */
    public ClusterMap map() {
        return view.map();
    }

    /** Where REST answers; of interest when the port was left to the system. */
    public int apiPort() {
        return apiPort;
    }

    /** For more metrics under {@code /metrics}. */
    public PrometheusMeterRegistry metrics() {
        return metrics.registry;
    }

    /**
     * Takes a decision to the leader until it is answered, or for 15 s: then the answer is {@link
     * Result.Outcome#NOT_READY}. Equal ones under way at once are one.
     */
    public void propose(Decision decision, Consumer<Result> answer) {
        loop.execute(
                () -> agent.propose(decision, nowNs.getAsLong() + NodeAgent.CHANGE_NS, answer));
    }

    /**
     * The same for what the data plane has found out under this node's lease: it is asked for as
     * long as that runs, see {@link NodeAgent#proposeUnderLease}.
     */
    public void proposeUnderLease(Decision decision, Consumer<Result> answer) {
        loop.execute(() -> agent.proposeUnderLease(decision, nowNs.getAsLong(), answer));
    }

    /** A device of this node no longer takes writes: {@link #proposeUnderLease}. */
    public void deviceDown(UUID deviceId, String reason, BiConsumer<Decision, Result> answer) {
        loop.execute(() -> {
            Decision down =
                    new Decision.DeviceDown(config.nodeId(), agent.incarnation(), deviceId, reason);
            agent.proposeUnderLease(down, nowNs.getAsLong(), result -> answer.accept(down, result));
        });
    }

    /** An owner here serves the volume at this epoch; the cluster's status shows it. */
    public void serving(int vuid, int volumeEpoch) {
        loop.execute(() -> agent.serving(vuid, volumeEpoch));
    }

    /**
     * An owner here does not reach as many stores as writes need; others are asked whether they do.
     */
    public void cutOff(int vuid, int volumeEpoch) {
        loop.execute(() -> agent.cutOff(vuid, volumeEpoch));
    }

    /**
     * The process of this incarnation, or one of an earlier registration of it, has ended. A
     * process that has stopped serving and is about to end may say so of itself.
     */
    public CompletableFuture<Result> attestEnded(int nodeId, long incarnation) {
        CompletableFuture<Result> answer = new CompletableFuture<>();
        loop.execute(
                () -> node.attestEnded(nodeId, incarnation, nowNs.getAsLong(), answer::complete));
        return answer;
    }

    /**
     * The data plane is about to stop serving: no lease is asked for from now on, nor taken, so
     * that others need not wait until this process has ended.
     */
    public void retire() {
        loop.execute(agent::retire);
    }

    /** Ends REST, the log and all threads. The data plane must have stopped serving before. */
    @Override
    public void close() {
        if (bus != null) {
            bus.close();
        }
        loop.close();
        quietly(() -> rest.close().toCompletionStage().toCompletableFuture());
        quietly(() -> vertx.close().toCompletionStage().toCompletableFuture());
        voter.close();
    }

    private static void quietly(Supplier<CompletableFuture<Void>> closing) {
        try {
            closing.get().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "the HTTP server did not close well", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** REST's side door to the control thread. */
    private final class Access implements ControlAccess {
        @Override
        public ControlView view() {
            return view;
        }

        @Override
        public MoveRates rates() {
            return rates;
        }

        @Override
        public CompletableFuture<Result> change(Decision decision) {
            CompletableFuture<Result> answer = new CompletableFuture<>();
            long deadlineNs = nowNs.getAsLong() + NodeAgent.CHANGE_NS;
            loop.execute(() ->
                    agent.propose(
                            decision,
                            deadlineNs,
                            result ->
                                    waiters.add(
                                            result.epoch(),
                                            deadlineNs,
                                            () -> answer.complete(result))));
            return answer;
        }

        @Override
        public CompletableFuture<Result> scrub(VolumeEntry volume) {
            CompletableFuture<Result> answer = new CompletableFuture<>();
            loop.execute(
                    () -> agent.askScrub(volume, nowNs.getAsLong() + OWNER_NS, answer::complete));
            return answer;
        }

        @Override
        public CompletableFuture<LeaderView> leaderView() {
            CompletableFuture<LeaderView> answer = new CompletableFuture<>();
            loop.execute(() ->
                    agent.askView(
                            nowNs.getAsLong() + SECOND_NS,
                            answer::complete,
                            failed ->
                                    answer.completeExceptionally(
                                            new IOException(failed.detail()))));
            return answer;
        }

        @Override
        public CompletableFuture<Result> attestEnded(int nodeId, long incarnation) {
            return ControlPlane.this.attestEnded(nodeId, incarnation);
        }

        @Override
        public void standsStill(int nodeId, long incarnation) {
            loop.execute(() -> node.standsStill(nodeId, incarnation, nowNs.getAsLong()));
        }

        @Override
        public void deliver(int from, List<Message> messages, HeldRequest request) {
            ControlPlane.this.deliver(from, messages, request);
        }

        @Override
        public long nowNs() {
            return nowNs.getAsLong();
        }
    }

    /** Who leads, as this node's end of the log or its agent last knew. */
    public DecisionLog.Leader leader() {
        return view.leader();
    }
}
