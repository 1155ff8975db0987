package io.stria.control.bus;

import com.hazelcast.core.HazelcastInstance;
import io.stria.control.ControlConfig;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A clustered Vert.x beside the one that serves REST: Vert.x joins its cluster before it exists,
 * and REST must neither wait for that nor fail with it. It comes up in the background some time
 * after the start; when it cannot join, a warning says so, everything else goes on, and it tries
 * again. Nothing that matters goes over it.
 */
public final class ClusterBus implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ClusterBus.class.getName());
    // Held, since the logging framework keeps no hold of loggers and would forget the level.
    private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");
    private static final long DELAY_MS = 10_000;
    private static final long RETRY_MS = 15_000;
    private static final long TURN_MS = 1_500;
    private static final long CLOSE_SECONDS = 10;
    private static final int BLOCKED_MINUTES = 10;

    private final ControlConfig config;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable HazelcastInstance hazelcast;
    private @Nullable Vertx vertx;

    private ClusterBus(ControlConfig config, long delayMs) {
        this.config = config;
        thread =
                Thread.ofPlatform()
                        .name("stria-bus-start")
                        .daemon(true)
                        .priority(Thread.MIN_PRIORITY)
                        .unstarted(() -> run(delayMs));
    }

    public static ClusterBus startLater(ControlConfig config) {
        return startLater(config, DELAY_MS);
    }

    static ClusterBus startLater(ControlConfig config, long delayMs) {
        HAZELCAST.setLevel(Level.SEVERE);
        ClusterBus bus = new ClusterBus(config, delayMs);
        bus.thread.start();
        return bus;
    }

    private void run(long delayMs) {
        try {
            long pauseMs = delayMs + turnMs();
            while (!closing.await(pauseMs, TimeUnit.MILLISECONDS) && !join()) {
                pauseMs = RETRY_MS + turnMs();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Members that come at once, as after a start of all, take each other for no members. */
    private long turnMs() {
        long before =
                config.nodes().stream()
                        .filter(member -> member.spec().id() < config.nodeId())
                        .count();
        return before * TURN_MS;
    }

    /** Blocks this thread, and one of the pool for that, but no event loop. */
    private boolean join() {
        HazelcastClusterManager manager = new HazelcastClusterManager(BusConfig.of(config));
        try {
            joined(
                    Vertx.builder()
                            .with(options())
                            .withClusterManager(manager)
                            .buildClustered()
                            .await(),
                    manager);
            return true;
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "the cluster bus does not come up yet: {0}; nothing depends on it",
                    String.valueOf(e));
            HazelcastInstance leftOver = manager.getHazelcastInstance();
            if (leftOver != null) {
                leftOver.getLifecycleService().terminate();
            }
            return false;
        }
    }

    private VertxOptions options() {
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(2)
                // Joining waits for members that are away; that is no news every second.
                .setMaxWorkerExecuteTime(BLOCKED_MINUTES)
                .setMaxWorkerExecuteTimeUnit(TimeUnit.MINUTES)
                .setBlockedThreadCheckInterval(BLOCKED_MINUTES)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MINUTES)
                .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false))
                .setEventBusOptions(new EventBusOptions().setHost(config.self().spec().address()));
    }

    private synchronized void joined(Vertx clustered, HazelcastClusterManager manager) {
        vertx = clustered;
        hazelcast = manager.getHazelcastInstance();
        LOG.fine("the cluster bus is up");
        if (closing.getCount() == 0) {
            clustered.close();
        }
    }

    synchronized @Nullable HazelcastInstance hazelcast() {
        return hazelcast;
    }

    synchronized @Nullable Vertx vertx() {
        return vertx;
    }

    /** Members that the bus knows of; 0 while it is not up. */
    public synchronized int members() {
        return vertx == null || hazelcast == null ? 0 : hazelcast.getCluster().getMembers().size();
    }

    @Override
    public void close() {
        closing.countDown();
        Vertx open;
        synchronized (this) {
            open = vertx;
        }
        if (open == null) {
            return;
        }
        try {
            open.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.log(Level.WARNING, "the cluster bus does not close in time", e);
        }
    }
}
