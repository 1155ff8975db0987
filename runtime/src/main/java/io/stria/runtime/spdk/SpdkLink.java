package io.stria.runtime.spdk;

import io.stria.runtime.Clock;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.spdk.SpdkController;
import io.stria.runtime.ffm.spdk.SpdkNamespace;
import io.stria.runtime.ffm.spdk.SpdkQueue;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The way to one namespace, and its way back: a controller with one queue pair. Nothing here waits
 * but {@link #connect} and {@link #close}; a reset goes on from poll to poll. Where others are kept
 * out, nothing is sent after a reset before it is known that they still are.
 *
 * <pre>
 *   SERVING --lose--> DISCONNECTING --all ended--> RECONNECTING --> REJOINING --> VERIFYING --> SERVING
 *                          ^                            | refused
 *                          +---------- PAUSED <---------+          any of them, too late: GONE
 * </pre>
 */
final class SpdkLink {
    private static final System.Logger LOG = System.getLogger(SpdkLink.class.getName());
    static final int ENXIO = 6;
    private static final int ENODEV = 19;
    private static final String TAKEN = "somebody else has taken its reservation";
    private static final long PAUSE_NS = 250_000_000;

    private enum State {
        SERVING,
        DISCONNECTING,
        RECONNECTING,
        PAUSED,
        REJOINING,
        VERIFYING,
        GONE
    }

    private final SpdkAddress address;
    private final SpdkConfig config;
    private final SpdkController controller;
    private final SpdkQueue queue;
    private final @Nullable SpdkFence fence;
    private SpdkNamespace namespace;
    private boolean wasReset;
    private State state = State.SERVING;
    private boolean adminEnded;
    private boolean queueFreed;
    private boolean conflicted;
    private long lostNs;
    private long pausedUntilNs;

    private SpdkLink(
            SpdkAddress address,
            SpdkConfig config,
            SpdkController controller,
            SpdkNamespace namespace,
            SpdkQueue queue,
            @Nullable SpdkFence fence) {
        this.address = address;
        this.config = config;
        this.controller = controller;
        this.namespace = namespace;
        this.queue = queue;
        this.fence = fence;
    }

    /**
     * @param owner who alone is to write to it; null for a host like others
     * @throws IOException with one sentence that begins with the address
     */
    static SpdkLink connect(
            SpdkAddress address, SpdkConfig config, Clock clock, @Nullable SpdkOwner owner)
            throws IOException {
        UUID start = UUID.randomUUID();
        SpdkController controller =
                SpdkController.connect(
                        address.transportId(),
                        new SpdkController.Options(
                                config.queueEntries(),
                                config.adminTimeoutMs(),
                                config.keepAliveMs(),
                                owner == null ? start : owner.device(),
                                hostId(address, owner, start)));
        try {
            SpdkNamespace namespace =
                    controller
                            .namespace(address.nsid())
                            .orElseThrow(() -> new IOException(address + ": no such namespace"));
            String refusal = SpdkFence.refusal(address, namespace);
            if (owner != null && !refusal.isEmpty()) {
                throw new IOException(refusal);
            }
            SpdkQueue queue = controller.newQueue(config.queueEntries(), config.requests());
            SpdkFence fence = null;
            if (owner != null && address.fence() == SpdkAddress.Fence.RESERVATION) {
                long random = start.getLeastSignificantBits();
                fence = take(address, owner, clock, controller, queue, namespace, random);
            }
            return new SpdkLink(address, config, controller, namespace, queue, fence);
        } catch (IOException e) {
            controller.detach(PAUSE_NS);
            throw e;
        }
    }

    private static SpdkFence take(
            SpdkAddress address,
            SpdkOwner owner,
            Clock clock,
            SpdkController controller,
            SpdkQueue queue,
            SpdkNamespace namespace,
            long random)
            throws IOException {
        try {
            return SpdkFence.take(address, owner, clock, controller, queue, namespace, random);
        } catch (IOException e) {
            queue.free();
            throw e;
        }
    }

    /**
     * With a reservation every start is a host of its own, which is what it needs to be to preempt
     * the one before. Without one it stays the same host: some targets let a host begin only when
     * everything of its former connection has ended.
     */
    private static UUID hostId(SpdkAddress address, @Nullable SpdkOwner owner, UUID start) {
        return owner == null || address.fence() == SpdkAddress.Fence.RESERVATION
                ? start
                : owner.device();
    }

    SpdkNamespace namespace() {
        return namespace;
    }

    SpdkQueue queue() {
        return queue;
    }

    boolean isServing() {
        return state == State.SERVING;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    boolean isRecovering() {
        return state != State.SERVING && state != State.GONE && state != State.PAUSED;
    }

    int deliver(SpdkQueue.Listener listener) {
        return queue.deliver(listener);
    }

    /** Resets the controller, unless that is under way. */
    void lose(String reason, long nowNs) {
        if (state != State.SERVING) {
            return;
        }
        LOG.log(Level.WARNING, "{0} is reset: {1}", address, reason);
        wasReset = true;
        lostNs = nowNs;
        queue.disconnect();
        beginReset();
    }

    /** How a command ended that no access has sent. */
    void onFenceEnd(int status) {
        if (fence != null) {
            fence.onEnd(status);
        }
    }

    /** A command was refused, since somebody else has the reservation. */
    void onConflict() {
        conflicted = fence != null;
    }

    /** Notes what has ended, and goes on with a reset. */
    void poll(long nowNs, int inDevice) {
        if (conflicted && state != State.GONE) {
            gone(TAKEN);
        }
        switch (state) {
            case SERVING -> {
                if (queue.poll() < 0) {
                    lose("its connection has broken", nowNs);
                }
            }
            case DISCONNECTING -> disconnecting(nowNs, inDevice);
            case RECONNECTING -> reconnecting(nowNs);
            case PAUSED -> {
                if (nowNs - pausedUntilNs >= 0 && !isTooLate(nowNs)) {
                    beginReset();
                }
            }
            case REJOINING -> rejoining(nowNs);
            case VERIFYING -> verifying(nowNs);
            case GONE -> {}
        }
    }

    /** Now and then: what the controller says by itself. */
    void tick(long nowNs) {
        if (state != State.SERVING) {
            return;
        }
        if (conflicted) {
            gone(TAKEN);
        } else if (controller.pollAdmin() < 0) {
            lose("its controller does not answer", nowNs);
        } else if (queue.poll() < 0) {
            lose("its connection has broken", nowNs);
        } else if (!controller.isActive(address.nsid())) {
            gone("its namespace was removed");
        }
    }

    /**
     * Lets others have the reservation. Nothing may be in the device. Not after a reset: a write
     * that it ended for us may still be under way in the target, and only whoever takes the
     * reservation over waits for that.
     */
    void leave() {
        if (fence == null || state != State.SERVING || wasReset) {
            return;
        }
        try {
            fence.leave(namespace);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0}", e.getMessage()); // the next start takes it over
        }
    }

    /** Ends what is in flight, which can still be delivered. False when it did not end in time. */
    boolean close(long timeoutNs) {
        freeQueue();
        return controller.detach(timeoutNs);
    }

    private void beginReset() {
        adminEnded = false;
        state = State.DISCONNECTING;
        if (controller.disconnect() == -ENXIO) {
            gone("the device was removed");
        }
    }

    private void disconnecting(long nowNs, int inDevice) {
        queue.poll();
        adminEnded |= controller.pollAdmin() == -ENXIO;
        boolean asking = fence != null && fence.verdict() == SpdkFence.Verdict.ASKED;
        if (adminEnded && inDevice == 0 && !asking) {
            controller.beginReconnect();
            state = State.RECONNECTING;
        } else {
            isTooLate(nowNs);
        }
    }

    private void reconnecting(long nowNs) {
        int result = controller.pollReconnect();
        if (result == -Errno.EAGAIN) {
            return; // bounded by the timeout of administrative commands
        }
        if (result != 0) {
            pause(nowNs);
            return;
        }
        Optional<SpdkNamespace> found = controller.namespace(address.nsid());
        if (found.isEmpty()) {
            gone("its namespace has gone");
        } else if (!found.get().isSameAs(namespace)) {
            gone("another namespace is in its place");
        } else {
            namespace = found.get();
            state = State.REJOINING;
        }
    }

    private void rejoining(long nowNs) {
        int result = queue.reconnect();
        switch (-result) {
            case 0 -> {
                if (fence == null) {
                    serveAgain();
                } else {
                    state = State.VERIFYING;
                    fence.ask(namespace);
                }
            }
            case Errno.EAGAIN -> isTooLate(nowNs);
            case ENODEV -> gone("the device was removed");
            default -> pause(nowNs);
        }
    }

    private void verifying(long nowNs) {
        if (fence == null || isTooLate(nowNs)) {
            return;
        }
        boolean broken = queue.poll() < 0;
        switch (fence.verdict()) {
            case ASKED -> {
                if (broken) {
                    queue.disconnect();
                    beginReset();
                }
            }
            case OURS -> serveAgain();
            case LOST -> gone("it does not know its reservation any more");
            case UNKNOWN -> {
                queue.disconnect();
                pause(nowNs);
            }
        }
    }

    private void serveAgain() {
        state = State.SERVING;
        LOG.log(Level.INFO, "{0} is back", address);
    }

    private void pause(long nowNs) {
        if (!isTooLate(nowNs)) {
            pausedUntilNs = nowNs + PAUSE_NS;
            state = State.PAUSED;
        }
    }

    private boolean isTooLate(long nowNs) {
        boolean late = nowNs - lostNs > config.resetTimeoutNs();
        if (late) {
            gone("it has not come back in time");
        }
        return late;
    }

    private void gone(String reason) {
        LOG.log(Level.ERROR, "{0} has gone: {1}", address, reason);
        state = State.GONE;
        controller.fail();
        freeQueue();
    }

    private void freeQueue() {
        if (!queueFreed) {
            queueFreed = true;
            queue.free();
        }
    }
}
