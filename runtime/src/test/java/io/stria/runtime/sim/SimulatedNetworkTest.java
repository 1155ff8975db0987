package io.stria.runtime.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.Reactor;
import io.stria.runtime.TcpStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
    private static final int SEEDS = 50;

    @Test
    void bytesArriveInOrderHoweverTheyAreCutDelayedAndLost() {
        int offers = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            NetworkBench bench = new NetworkBench(seed);
            bench.network.links(
                    LinkConfig.dataCentre()
                            .withLatency(Latency.uniform(0, 1_000_000))
                            .withSplits(0.9)
                            .withLoss(0.05));
            Collector near = bench.connect();
            byte[] data = NetworkBench.bytes(seed, 100_000);
            NetworkBench.send(near, data);
            Collector far = bench.far();
            bench.client.runUntil(() -> far.received.size() == data.length);
            assertArrayEquals(data, far.received.toByteArray(), "seed " + seed);
            offers += far.offers.size();
        }
        assertTrue(offers > 10 * SEEDS, "cut in pieces: " + offers);
    }

    @Test
    void everyPlaceOfAShortMessageIsCutAtUnderSomeSeed() {
        Set<Integer> cuts = new HashSet<>();
        for (int seed = 0; seed < 1000; seed++) {
            NetworkBench bench = new NetworkBench(seed);
            bench.network.links(LinkConfig.dataCentre().withSplits(0.5));
            NetworkBench.send(bench.connect(), new byte[24]);
            Collector far = bench.far();
            bench.client.runUntil(() -> far.received.size() == 24);
            int position = 0;
            for (int offer : far.offers) {
                cuts.add(position += offer);
            }
        }
        assertEquals(24, cuts.size());
    }

    @Test
    void sameSeedSendsTheSameWay() {
        long[] hashes = LongStream.range(0, SEEDS).map(SimulatedNetworkTest::hash).toArray();
        for (int seed = 0; seed < SEEDS; seed++) {
            assertEquals(hashes[seed], hash(seed), "seed " + seed);
        }
        assertEquals(SEEDS, LongStream.of(hashes).distinct().count());
    }

    private static long hash(long seed) {
        NetworkBench bench = new NetworkBench(seed);
        Collector first = bench.connect();
        Collector second = bench.connect();
        bench.network.links(LinkConfig.dataCentre().withSplits(0.5).withResets(0.1));
        for (int i = 0; i < 5; i++) {
            NetworkBench.send(first, NetworkBench.bytes(i, 10_000));
            NetworkBench.send(second, NetworkBench.bytes(i, 10_000));
            bench.run(1);
        }
        bench.serverHost.kill();
        bench.run(1);
        return bench.simulation.hash();
    }

    @Test
    void cutPathHoldsEverythingBackUntilARetransmissionAfterItIsHealed() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.cut(bench.serverHost, bench.clientHost);
        NetworkBench.send(near, NetworkBench.bytes(1, 1000));
        NetworkBench.send(bench.far(), NetworkBench.bytes(2, 2000));
        bench.run(10);
        assertEquals(0, near.received.size() + bench.far().received.size());
        bench.network.heal(bench.serverHost, bench.clientHost);
        long healedNs = bench.simulation.nowNs();
        bench.client.runUntil(
                () -> bench.far().received.size() == 1000 && near.received.size() == 2000);
        long waitedNs = bench.simulation.nowNs() - healedNs;
        assertTrue(waitedNs > 1_000_000 && waitedNs < 11 * NetworkBench.SECOND_NS, "" + waitedNs);
        assertArrayEquals(NetworkBench.bytes(1, 1000), bench.far().received.toByteArray());
        assertArrayEquals(NetworkBench.bytes(2, 2000), near.received.toByteArray());
        assertFalse(near.isClosed() || bench.far().isClosed());
    }

    @Test
    void oneWayCutLetsTheOtherWayThrough() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.cutOneWay(bench.clientHost, bench.serverHost);
        NetworkBench.send(near, new byte[100]);
        NetworkBench.send(bench.far(), new byte[200]);
        bench.run(60);
        assertEquals(0, bench.far().received.size());
        assertEquals(200, near.received.size());
    }

    @Test
    void whatIsNotAcknowledgedForTooLongEndsWithATimeoutAtTheSenderAlone() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.cutOneWay(bench.serverHost, bench.clientHost);
        NetworkBench.send(near, new byte[100]);
        bench.run(900);
        assertEquals(100, bench.far().received.size(), "the bytes pass, their answer does not");
        assertFalse(near.isClosed());
        bench.run(30);
        assertEquals(Errno.ETIMEDOUT, near.errno);
        assertFalse(bench.far().isClosed());
        bench.network.healAll();
        NetworkBench.send(bench.far(), new byte[1]);
        bench.run(1);
        assertEquals(Errno.ECONNRESET, bench.far().errno, "it hears of it when it sends");
    }

    @Test
    void healedInTimeTheUnansweredConnectionGoesOn() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.cutOneWay(bench.serverHost, bench.clientHost);
        NetworkBench.send(near, new byte[100]);
        bench.run(900);
        bench.network.healAll();
        bench.run(2000);
        assertFalse(near.isClosed());
        NetworkBench.send(near, new byte[100]);
        bench.run(1);
        assertEquals(200, bench.far().received.size());
    }

    @Test
    void idleConnectionNeverNoticesACut() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.isolate(bench.serverHost);
        bench.run(100_000);
        assertFalse(near.isClosed() || bench.far().isClosed());
    }

    @Test
    void connectThroughACutPathSucceedsAtARetryOrTimesOut() {
        NetworkBench bench = new NetworkBench(1);
        bench.network.isolate(bench.serverHost);
        Collector late = new Collector();
        Collector never = new Collector();
        bench.client.connect(NetworkBench.SERVER, late);
        bench.run(5);
        bench.network.healAll();
        bench.run(3);
        assertTrue(late.stream().isOpen());
        bench.network.isolate(bench.serverHost);
        bench.client.connect(NetworkBench.SERVER, never);
        bench.run(126);
        assertFalse(never.isClosed());
        bench.run(2);
        assertEquals(Errno.ETIMEDOUT, never.errno);
    }

    @Test
    void connectToNoHostOrNoListenerFailsWithItsReason() {
        NetworkBench bench = new NetworkBench(1);
        Collector nowhere = new Collector();
        Collector nobody = new Collector();
        bench.client.connect(new InetSocketAddress("10.9.9.9", 1), nowhere);
        bench.client.connect(new InetSocketAddress("10.0.0.1", 1), nobody);
        bench.run(4);
        assertEquals(Errno.EHOSTUNREACH, nowhere.errno);
        assertEquals(Errno.ECONNREFUSED, nobody.errno);
    }

    @Test
    void killedProcessIsNoticedAtOnceAndItsPortRefuses() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.serverHost.kill();
        bench.run(1);
        assertEquals(0, near.errno, "nothing was unread: an orderly end");
        Collector refused = new Collector();
        bench.client.connect(NetworkBench.SERVER, refused);
        bench.run(1);
        assertEquals(Errno.ECONNREFUSED, refused.errno);
        assertFalse(bench.far().isClosed(), "the dead hear nothing");
    }

    @Test
    void killedProcessThatLeftBytesUnreadResetsTheConnection() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.far().stream().pauseReceive();
        NetworkBench.send(near, new byte[100]);
        bench.run(1);
        bench.serverHost.kill();
        bench.run(1);
        assertEquals(Errno.ECONNRESET, near.errno);
    }

    @Test
    void bytesThatReachAKilledProcessAreAnsweredWithAReset() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.serverHost.kill();
        NetworkBench.send(near, new byte[100]);
        bench.run(1);
        assertTrue(near.isClosed());
        assertEquals(0, bench.far().received.size());
    }

    @Test
    void bytesThatWereNotPolledDieWithTheirProcess() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        NetworkBench.send(near, new byte[100]);
        bench.client.poll();
        NetworkBench.send(near, new byte[200]);
        bench.clientHost.kill();
        bench.run(1);
        assertEquals(100, bench.far().received.size());
        assertEquals(0, bench.far().errno);
    }

    @Test
    void resetThatIsLostOnACutPathIsProvokedAgainAfterItIsHealed() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        bench.network.cutOneWay(bench.serverHost, bench.clientHost);
        bench.far().stream().close();
        NetworkBench.send(near, new byte[100]);
        bench.run(100);
        assertFalse(near.isClosed());
        bench.network.healAll();
        bench.run(200);
        assertTrue(near.isClosed());
    }

    @Test
    void powerLossIsSilentUntilTheHostIsBackAndThePeerSends() {
        NetworkBench bench = new NetworkBench(1);
        Collector idle = bench.connect();
        Collector sending = bench.connect();
        bench.serverHost.powerCut();
        bench.run(1);
        NetworkBench.send(sending, new byte[100]);
        bench.run(60);
        assertFalse(idle.isClosed() || sending.isClosed());
        bench.server = bench.serverHost.start();
        bench.run(120);
        assertEquals(Errno.ECONNRESET, sending.errno);
        assertFalse(idle.isClosed());
        NetworkBench.send(idle, new byte[100]);
        bench.run(1);
        assertEquals(Errno.ECONNRESET, idle.errno);
    }

    @Test
    void connectToAPoweredOffHostSucceedsOnceItListensAgain() {
        NetworkBench bench = new NetworkBench(1);
        bench.serverHost.powerCut();
        Collector near = new Collector();
        bench.client.connect(NetworkBench.SERVER, near);
        bench.run(20);
        bench.server = bench.serverHost.start();
        bench.listen();
        bench.run(20);
        assertTrue(near.stream().isOpen());
    }

    @Test
    void pausedReceiverStopsTheSenderAtRingAndWindow() {
        NetworkBench bench = new NetworkBench(1);
        bench.network.tcp(TcpConfig.linux().withBuffers(100_000, 200_000));
        Collector near = bench.connect();
        bench.far().stream().pauseReceive();
        long sent = 0;
        for (int round = 0; round < 100; round++) {
            int space = near.stream().sendSpace();
            NetworkBench.send(near, new byte[space]);
            sent += space;
            bench.run(1);
        }
        assertEquals(300_000, sent);
        assertEquals(0, near.stream().sendSpace());
        int spaceCalls = near.spaceCalls;
        bench.far().stream().resumeReceive();
        bench.run(1);
        assertEquals(300_000, bench.far().received.size());
        assertEquals(100_000, near.stream().sendSpace());
        assertTrue(near.spaceCalls > spaceCalls);
    }

    @Test
    void closeWithUnreadBytesResetsThePeer() {
        NetworkBench bench = new NetworkBench(1);
        Collector near = bench.connect();
        near.stream().pauseReceive();
        NetworkBench.send(bench.far(), new byte[100]);
        bench.run(1);
        near.stream().close();
        bench.run(1);
        assertEquals(0, near.errno);
        assertEquals(Errno.ECONNRESET, bench.far().errno);
    }

    @Test
    void resetReachesBothEndsAndSometimesOvertakesBytes() {
        Set<Integer> received = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            NetworkBench bench = new NetworkBench(seed);
            Collector near = bench.connect();
            NetworkBench.send(near, new byte[100]);
            bench.serverHost.reactionTime(Latency.fixed(NetworkBench.SECOND_NS));
            bench.simulation.runFor(NetworkBench.SECOND_NS / 10);
            assertEquals(1, bench.network.connections());
            bench.network.resetAny();
            bench.run(5);
            assertEquals(Errno.ECONNRESET, near.errno);
            assertEquals(Errno.ECONNRESET, bench.far().errno);
            assertEquals(0, bench.network.connections());
            received.add(bench.far().received.size());
        }
        assertEquals(Set.of(0, 100), received);
    }

    @Test
    void resetBetweenTwoHostsHitsAllTheirConnections() {
        NetworkBench bench = new NetworkBench(1);
        Collector first = bench.connect();
        Collector second = bench.connect();
        bench.network.reset(bench.clientHost, bench.serverHost);
        bench.run(1);
        assertTrue(first.isClosed() && second.isClosed());
    }

    @Test
    void bandwidthIsSharedByAllThatAHostSends() {
        NetworkBench bench = new NetworkBench(1);
        bench.network.links(LinkConfig.instant().withBytesPerSecond(100_000));
        Collector first = bench.connect();
        Collector second = bench.connect();
        long startNs = bench.simulation.nowNs();
        NetworkBench.send(first, new byte[50_000]);
        NetworkBench.send(second, new byte[50_000]);
        bench.client.runUntil(
                () -> bench.accepted.stream().allMatch(each -> each.received.size() == 50_000));
        assertEquals(1.0, (bench.simulation.nowNs() - startNs) / 1e9, 0.01);
    }

    @Test
    void tenHostsWithNothingToDoCostNothing() {
        Simulation simulation = new Simulation(1);
        SimulatedNetwork network = new SimulatedNetwork(simulation);
        for (int i = 0; i < 10; i++) {
            Reactor reactor = network.addHost("h" + i, "10.0.0." + i).start().newReactor("r" + i);
            Runnable[] tick = {() -> {}};
            tick[0] = () -> reactor.timers().schedule(NetworkBench.SECOND_NS, tick[0]);
            reactor.execute(tick[0]);
        }
        simulation.runFor(1000 * NetworkBench.SECOND_NS);
        assertEquals(10_000, simulation.eventCount(), "one event for each timer");
    }

    @Test
    void handlerThatWaitsForMoreThanAnyEngineOffersIsAnAssertion() {
        NetworkBench bench = new NetworkBench(1);
        Collector stubborn =
                new Collector() {
                    @Override
                    public int onData(TcpStream from, MemorySegment b, long o, int length) {
                        return 0;
                    }
                };
        bench.client.connect(NetworkBench.SERVER, stubborn);
        bench.run(1);
        NetworkBench.send(bench.far(), new byte[100_000]);
        assertThrows(AssertionError.class, () -> bench.run(1));
    }

    @Test
    void listeningOnATakenPortOrAForeignAddressIsRefused() {
        NetworkBench bench = new NetworkBench(1);
        assertThrows(
                IOException.class,
                () -> bench.server.listen(NetworkBench.SERVER, _ -> bench.far()));
        assertThrows(
                IOException.class,
                () -> bench.client.listen(NetworkBench.SERVER, _ -> new Collector()));
    }

    @Test
    void reactorsTalkInTheSimulationAsTheyAre() {
        NetworkBench bench = new NetworkBench(1);
        Reactor reactor = bench.client.newReactor("client");
        Collector near = new Collector();
        int[] rounds = {0};
        Runnable[] ping = {() -> {}};
        ping[0] =
                () -> {
                    NetworkBench.send(near, new byte[] {(byte) rounds[0]++});
                    reactor.timers().schedule(NetworkBench.SECOND_NS, ping[0]);
                };
        reactor.execute(() -> bench.client.connect(NetworkBench.SERVER, near));
        bench.run(1);
        reactor.execute(ping[0]);
        bench.simulation.runFor(10 * NetworkBench.SECOND_NS + NetworkBench.SECOND_NS / 2);
        assertEquals(11, rounds[0]);
        assertEquals(11, bench.far().received.size());
    }
}
