package io.stria.runtime.sim;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hosts and the paths between them, one for each direction. What TCP makes of a path that is slow,
 * cut or has lost its host stands in {@link FaultModel}. Owned by the simulation's thread.
 */
public final class SimulatedNetwork {
    private record Ends(SimulatedHost from, SimulatedHost to) {}

    private static final long SECOND_NS = 1_000_000_000L;
    private static final LinkConfig LOOPBACK =
            LinkConfig.dataCentre()
                    .withLatency(Latency.uniform(2_000, 10_000))
                    .withBytesPerSecond(0);

    private final Simulation simulation;
    private final SimulatedRandom random;
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final Map<InetAddress, SimulatedHost> hostsByAddress = new LinkedHashMap<>();
    private final Map<Ends, SimulatedPath> paths = new LinkedHashMap<>();
    private final List<SimulatedPipe> pipes = new ArrayList<>();
    private LinkConfig links = LinkConfig.dataCentre();
    private TcpConfig tcp = TcpConfig.linux();

    public SimulatedNetwork(Simulation simulation) {
        this.simulation = simulation;
        this.random = simulation.random("network");
    }

    /** A host with these addresses (literal ones: no name is looked up). */
    public SimulatedHost addHost(String name, String... addresses) {
        List<InetAddress> parsed = new ArrayList<>();
        for (String address : addresses) {
            parsed.add(InetAddress.ofLiteral(address));
        }
        SimulatedHost host = new SimulatedHost(simulation, this, name, List.copyOf(parsed));
        hosts.add(host);
        parsed.forEach(address -> hostsByAddress.put(address, host));
        return host;
    }

    public List<SimulatedHost> hosts() {
        return List.copyOf(hosts);
    }

    TcpConfig tcp() {
        return tcp;
    }

    /** For the whole network; before the first connection. */
    public void tcp(TcpConfig config) {
        if (!pipes.isEmpty()) {
            throw new IllegalStateException("there are connections already");
        }
        tcp = config;
    }

    /** Every path between two hosts, now and later. */
    public void links(LinkConfig config) {
        links = config;
        forPaths(path -> path.from() != path.to(), path -> path.config(config));
    }

    /** The path from one host to the other; the way back stays as it is. */
    public void link(SimulatedHost from, SimulatedHost to, LinkConfig config) {
        path(from, to).config(config);
    }

    /** Nothing passes from one host to the other any more; the other way round stays open. */
    public void cutOneWay(SimulatedHost from, SimulatedHost to) {
        trace("cut " + from + " > " + to);
        path(from, to).cut();
    }

    public void cut(SimulatedHost one, SimulatedHost other) {
        cutOneWay(one, other);
        cutOneWay(other, one);
    }

    /** Cuts a host off from all others. */
    public void isolate(SimulatedHost host) {
        for (SimulatedHost other : hosts) {
            if (other != host) {
                cut(host, other);
            }
        }
    }

    public void healOneWay(SimulatedHost from, SimulatedHost to) {
        trace("heal " + from + " > " + to);
        path(from, to).heal();
    }

    public void heal(SimulatedHost one, SimulatedHost other) {
        healOneWay(one, other);
        healOneWay(other, one);
    }

    public void healAll() {
        trace("heal all");
        forPaths(SimulatedPath::isCut, SimulatedPath::heal);
    }

    /** Resets every connection between the two hosts, whoever made it. */
    public void reset(SimulatedHost one, SimulatedHost other) {
        trace("reset " + one + " <> " + other);
        for (SimulatedPipe pipe : connected()) {
            if (pipe.path() == path(one, other)) {
                pipe.reset();
            }
        }
    }

    /** Resets a connection that the seed picks, if there is one. */
    public void resetAny() {
        List<SimulatedPipe> candidates = connected();
        if (!candidates.isEmpty()) {
            SimulatedPipe pipe = candidates.get(random.nextInt(candidates.size()));
            trace("reset a connection " + pipe.path());
            pipe.reset();
        }
    }

    /** Open connections; one that both ends use counts once. */
    public int connections() {
        return connected().size() / 2;
    }

    private List<SimulatedPipe> connected() {
        pipes.removeIf(SimulatedPipe::isOver);
        return List.copyOf(pipes);
    }

    private SimulatedPath path(SimulatedHost from, SimulatedHost to) {
        return paths.computeIfAbsent(
                new Ends(from, to),
                _ -> new SimulatedPath(simulation, from, to, from == to ? LOOPBACK : links));
    }

    private void forPaths(Predicate<SimulatedPath> which, Consumer<SimulatedPath> action) {
        List.copyOf(paths.values()).stream().filter(which).forEach(action);
    }

    void reconsiderPathsTo(SimulatedHost host) {
        forPaths(path -> path.to() == host, SimulatedPath::reconsider);
    }

    boolean losesUnreadAtReset() {
        return random.nextBoolean();
    }

    /** Begins the handshake; the stream hears of its end. */
    void connect(SimulatedStream client) {
        SimulatedHost target = hostOf(client);
        if (target == null) {
            simulation.after(3 * SECOND_NS, () -> client.fail(Errno.EHOSTUNREACH));
        } else {
            sendSyn(client, target, 0);
        }
    }

    private @Nullable SimulatedHost hostOf(SimulatedStream client) {
        InetAddress address = client.remoteAddress().getAddress();
        if (address == null) {
            return null;
        }
        return client.host().card().isLocal(address) ? client.host() : hostsByAddress.get(address);
    }

    private void sendSyn(SimulatedStream client, SimulatedHost target, int retries) {
        if (client.isDeaf() || client.hasPeer()) {
            return;
        }
        if (retries > tcp.connectRetries()) {
            client.fail(Errno.ETIMEDOUT);
            return;
        }
        path(client.host(), target).sendDatagram(() -> onSyn(client, target));
        simulation.after(SECOND_NS << retries, () -> sendSyn(client, target, retries + 1));
    }

    private void onSyn(SimulatedStream client, SimulatedHost target) {
        SimulatedPath forth = path(client.host(), target);
        SimulatedPath back = path(target, client.host());
        SimulatedListener listener = target.card().listenerAt(client.remoteAddress());
        if (client.hasPeer() || !back.isPassable()) {
            return;
        }
        if (listener == null) {
            back.sendDatagram(() -> client.fail(Errno.ECONNREFUSED));
            return;
        }
        SimulatedEngine engine = listener.engine();
        SimulatedStream server =
                new SimulatedStream(
                        engine, client.remoteAddress(), client.localAddress(), listener);
        engine.add(server);
        SimulatedPipe request = new SimulatedPipe(simulation, tcp, client, server, forth, back);
        SimulatedPipe response = new SimulatedPipe(simulation, tcp, server, client, back, forth);
        client.attach(request, response);
        server.attach(response, request);
        pipes.add(request);
        pipes.add(response);
        if (pipes.size() % 1024 == 0) {
            pipes.removeIf(SimulatedPipe::isOver);
        }
        simulation.after(back.latencyNs(), () -> onSynAck(client, server));
    }

    private void onSynAck(SimulatedStream client, SimulatedStream server) {
        if (!client.isDeaf()) {
            client.onEstablished();
        } else if (client.host().isPowered()) {
            server.fail(Errno.ECONNRESET);
        }
    }

    private void trace(String what) {
        if (simulation.isTracing()) {
            simulation.trace("network: " + what);
        }
    }
}
