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
 * after the start; when it cannot join, a warning says so and everything else goes on. Nothing that
 * matters goes over it.
 */
public final class ClusterBus implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ClusterBus.class.getName());
    // Held, since the logging framework keeps no hold of loggers and would forget the level.
    private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");
    private static final long DELAY_MS = 10_000;
    private static final long CLOSE_SECONDS = 10;

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
            if (!closing.await(delayMs, TimeUnit.MILLISECONDS)) {
                join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "the cluster bus does not come up; nothing depends on it", e);
        }
    }

    private void join() {
        String address = config.self().spec().address();
        HazelcastClusterManager manager = new HazelcastClusterManager(BusConfig.of(config));
        VertxOptions options =
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(2)
                        .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false))
                        .setEventBusOptions(new EventBusOptions().setHost(address));
        Vertx.builder()
                .with(options)
                .withClusterManager(manager)
                .buildClustered()
                .onSuccess(clustered -> joined(clustered, manager))
                .onFailure(e ->
                        LOG.log(
                                Level.WARNING,
                                "the cluster bus does not come up; nothing depends on it",
                                e));
    }

    private synchronized void joined(Vertx clustered, HazelcastClusterManager manager) {
        vertx = clustered;
        hazelcast = manager.getHazelcastInstance();
        LOG.fine("the cluster bus is up");
        if (closing.getCount() == 0) {
            clustered.close();
        }
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
