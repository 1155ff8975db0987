package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.PduReader;
import io.stria.runtime.Engine;
import io.stria.runtime.Poller;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The chunk store of a device on another node, over one NVMe/TCP connection that is made again
 * whenever it is lost. Commands beyond the queue's depth or the send ring's room wait in order.
 * Owned by one reactor, polled by it.
 */
public final class RemoteStore implements FragmentStore, Poller {
    /** Where a connection stands. */
    private enum State {
        IDLE,
        CONNECTING,
        LOGGING_IN,
        READY
    }

    private static final long RETRY_NS = 100_000_000L;

    /**
     * For the handshake of TCP alone, which the peer's kernel answers in less than a millisecond,
     * however busy its process is. The own kernel would send a SYN that was lost again after 1, 3,
     * 7 seconds: so a way that was cut is found soon after it is healed.
     */
    private static final long CONNECT_TIMEOUT_NS = 500_000_000L;

    private static final long LOGIN_TIMEOUT_NS = 3_000_000_000L;
    private static final long CHECK_NS = 100_000_000L;

    private final Engine engine;
    private InetSocketAddress address;
    private final String device;

    /**
     * For the reader of the current connection: all connections have the same, one after another.
     */
    private final SegmentAllocator readers;

    private final CapsuleSender capsules;
    private final RemoteLogin login;
    private final OutstandingCommands commands = new OutstandingCommands();
    private final KeepAlive keepAlive = new KeepAlive();
    private final RemoteLink.Listener events = new LinkEvents();
    private final ArrayDeque<FragmentRequest> waiting = new ArrayDeque<>();
    private final ArrayDeque<FragmentRequest> disconnected = new ArrayDeque<>();
    private State state = State.IDLE;
    private @Nullable RemoteLink link;
    private long connections;
    private boolean wanted = true;
    private long retryAtNs;
    private long loginBeganNs;
    private long nextCheckNs;

    public RemoteStore(
            Engine engine, InetSocketAddress address, int ownNodeId, UUID deviceId, PeerAuth auth) {
        this.engine = engine;
        this.address = address;
        this.device = PeerNames.device(deviceId);
        Arena arena = Arena.ofAuto();
        this.readers =
                SegmentAllocator.prefixAllocator(arena.allocate(PduReader.HELD_BYTES_MAX, 8));
        this.capsules = new CapsuleSender(arena);
        this.login = new RemoteLogin(ownNodeId, device, auth, capsules, arena);
    }

    /** Whether there should be a connection; without one, commands end with DISCONNECTED. */
    public void want(boolean connection) {
        boolean ends = wanted && !connection;
        wanted = connection;
        if (ends) {
            drop();
        }
    }

    /** The peer has another address from now on. */
    public void moveTo(InetSocketAddress moved) {
        if (!moved.equals(address)) {
            address = moved;
            drop();
        }
    }

    @Override
    public long connection() {
        return state == State.READY ? connections : 0;
    }

    /**
     * Whether the other side has said something in the last so many nanoseconds. Over a connection
     * on which there was nothing to say it is asked for something now, and the connection made anew
     * when that finds no answer: asked once more, a little later, this tells a way from one that
     * was cut without anybody's notice. Those that use the connection notice nothing of that.
     *
     * @param vuid some volume that the store knows
     */
    public boolean answersWithin(long ns, int vuid) {
        if (state != State.READY) {
            return false;
        }
        long nowNs = engine.clock().nowNs();
        boolean answers = keepAlive.hasHeard(nowNs, ns);
        if (!answers && !keepAlive.isAsked() && commands.count() == 0) {
            submit(keepAlive.ask(vuid, nowNs));
        } else if (!answers && keepAlive.isLate(nowNs) && commands.count() == 1) {
            drop();
        }
        return answers;
    }

    @Override
    public void submit(FragmentRequest request) {
        if (state != State.READY) {
            disconnected.add(request); // never complete from within submit
        } else if (!waiting.isEmpty() || !send(request)) {
            waiting.add(request);
        }
    }

    @Override
    public int poll(long nowNs) {
        keepAlive.poll(nowNs);
        int work = disconnected.size();
        for (int i = 0; i < work; i++) {
            disconnected.remove().complete(IoStatus.DISCONNECTED, 0);
        }
        switch (state) {
            case IDLE -> {
                if (wanted && nowNs - retryAtNs >= 0) {
                    connect(nowNs);
                    work++;
                }
            }
            case CONNECTING, LOGGING_IN -> {
                if (nowNs - loginBeganNs > loginTimeoutNs()) {
                    drop();
                }
            }
            case READY -> {
                if (nowNs - nextCheckNs >= 0) {
                    nextCheckNs = nowNs + CHECK_NS;
                    if (commands.isStuck(nowNs)) {
                        drop();
                    }
                }
            }
        }
        return work;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    public long nextDeadlineNs() {
        if (!disconnected.isEmpty()) {
            return Long.MIN_VALUE;
        }
        return switch (state) {
            case IDLE -> wanted ? retryAtNs : Long.MAX_VALUE;
            case CONNECTING, LOGGING_IN -> loginBeganNs + loginTimeoutNs();
            case READY -> commands.count() > 0 ? nextCheckNs : Long.MAX_VALUE;
        };
    }

    private long loginTimeoutNs() {
        return state == State.CONNECTING ? CONNECT_TIMEOUT_NS : LOGIN_TIMEOUT_NS;
    }

    private void connect(long nowNs) {
        state = State.CONNECTING;
        loginBeganNs = nowNs;
        retryAtNs = nowNs + RETRY_NS;
        RemoteLink opened =
                new RemoteLink(address, device, readers, login, commands, keepAlive, events);
        link = opened;
        opened.connect(engine);
    }

    /** Ends the connection: everything on its way ends with DISCONNECTED, from a later poll. */
    private void drop() {
        RemoteLink open = link;
        link = null;
        state = State.IDLE;
        retryAtNs = engine.clock().nowNs() + RETRY_NS;
        commands.moveTo(disconnected);
        disconnected.addAll(waiting);
        waiting.clear();
        if (open != null) {
            open.drop();
        }
    }

    private boolean send(FragmentRequest request) {
        TcpStream stream = stream();
        if (commands.isFull() || !CapsuleSender.fits(stream, request)) {
            return false;
        }
        capsules.send(stream, request, commands.begin(request, engine.clock().nowNs()));
        return true;
    }

    private TcpStream stream() {
        RemoteLink open = link;
        if (open == null) {
            throw new IllegalStateException("no connection in state " + state);
        }
        return open.stream();
    }

    private void sendWaiting() {
        while (state == State.READY && !waiting.isEmpty() && send(waiting.element())) {
            waiting.remove();
        }
    }

    /** Of the current connection. */
    private final class LinkEvents implements RemoteLink.Listener {
        @Override
        public void onConnected() {
            state = State.LOGGING_IN;
        }

        @Override
        public void onLogin(RemoteLogin.Outcome outcome) {
            switch (outcome) {
                case GOES_ON -> {}
                case COMPLETE -> {
                    state = State.READY;
                    connections++;
                }
                case REFUSED -> {
                    drop();
                    retryAtNs += 10 * RETRY_NS;
                }
                case OUT_OF_ORDER -> drop();
            }
        }

        @Override
        public void onRoom() {
            sendWaiting();
        }

        @Override
        public void onLost() {
            drop();
        }
    }
}
