package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AsyncEvent;
import io.stria.nvme.Cns;
import io.stria.nvme.DiscoveryLog;
import io.stria.nvme.FeatureId;
import io.stria.nvme.IdentifyController;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
    private final World world = new World();

    /** How often one of the paths was looked at. */
    private int looks;

    private final List<DiscoveryPath> paths =
            new ArrayList<>() {
                private static final long serialVersionUID = 1;

                @Override
                public Iterator<DiscoveryPath> iterator() {
                    looks += size();
                    return super.iterator();
                }
            };
    private final List<DiscoveryPath> ports = new ArrayList<>();
    private long generation = 1;

    private final DiscoverySubsystem discovery =
            new DiscoverySubsystem(
                    new DiscoverySource() {
                        @Override
                        public long generation() {
                            return generation;
                        }

                        @Override
                        public List<DiscoveryPath> paths(HostIdentity host) {
                            return host.nqn().equals("nqn.nobody") ? List.of() : paths;
                        }

                        @Override
                        public List<DiscoveryPath> ports() {
                            return ports;
                        }
                    },
                    "1.0");

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private TestHost connect(String hostNqn) {
        if (world.target.subsystem(DiscoverySubsystem.NQN) == null) {
            world.target.add(discovery);
        }
        TestHost host =
                new TestHost(
                        world.host, world.address, DiscoverySubsystem.NQN, HostQueue.Style.PLAIN);
        host.hostNqn = hostNqn;
        return host.enable();
    }

    private void addPaths(int count) {
        for (int i = 0; i < count; i++) {
            paths.add(
                    new DiscoveryPath(
                            "nqn.volume" + i, new InetSocketAddress("10.0.0." + i, 4420), i));
        }
        generation++;
    }

    @Test
    void listsAllPaths() {
        TestHost host = connect(TestHost.NQN);
        addPaths(3);
        paths.add(
                new DiscoveryPath(
                        DiscoverySubsystem.NQN, new InetSocketAddress("fe80::1", 8009), 9));
        ports.add(new DiscoveryPath(DiscoverySubsystem.NQN, world.address, 4));
        MemorySegment log =
                MemorySegment.ofArray(host.getLog(LogPageId.DISCOVERY, 6 * 1024).data());
        assertEquals(2, DiscoveryLog.generation(log, 0));
        assertEquals(5, DiscoveryLog.records(log, 0));
        for (int i = 0; i < 3; i++) {
            long record = 1024L * (i + 1);
            assertEquals(DiscoveryLog.SUBTYPE_NVM, DiscoveryLog.subtype(log, record));
            assertEquals("nqn.volume" + i, DiscoveryLog.nqn(log, record));
            assertEquals("10.0.0." + i, DiscoveryLog.address(log, record));
            assertEquals("4420", DiscoveryLog.port(log, record));
            assertEquals(i, DiscoveryLog.portId(log, record));
        }
        assertEquals(DiscoveryLog.SUBTYPE_REFERRAL, DiscoveryLog.subtype(log, 4096));
        assertEquals(DiscoveryLog.ADRFAM_IPV6, LittleEndian.u8(log, 4096 + 1));
        assertEquals(DiscoveryLog.SUBTYPE_SELF, DiscoveryLog.subtype(log, 5120));
        assertEquals(DiscoveryLog.EFLAGS_PERSISTENT, DiscoveryLog.flags(log, 5120));
        ports.add(
                new DiscoveryPath(
                        DiscoverySubsystem.NQN, new InetSocketAddress("10.0.0.9", 4420), 5));
        generation++;
        log = MemorySegment.ofArray(host.getLog(LogPageId.DISCOVERY, 7 * 1024).data());
        for (long record : new long[] {5120, 6144}) {
            assertEquals(DiscoveryLog.SUBTYPE_SELF, DiscoveryLog.subtype(log, record));
            assertEquals(
                    DiscoveryLog.EFLAGS_DUPLICATE | DiscoveryLog.EFLAGS_PERSISTENT,
                    DiscoveryLog.flags(log, record),
                    "a host that asks there too learns nothing new");
        }
    }

    @Test
    void servesALongLogPieceAfterPiece() {
        TestHost host = connect(TestHost.NQN);
        addPaths(200);
        MemorySegment header = MemorySegment.ofArray(host.getLog(LogPageId.DISCOVERY, 1024).data());
        assertEquals(200, DiscoveryLog.records(header, 0));
        for (int i = 0; i < 200; i += 4) {
            long from = 1024L * (1 + i);
            MemorySegment piece =
                    MemorySegment.ofArray(
                            host.getLog(LogPageId.DISCOVERY, from, 4096, true, 0).data());
            for (int j = 0; j < 4; j++) {
                assertEquals("nqn.volume" + (i + j), DiscoveryLog.nqn(piece, 1024L * j));
            }
        }
    }

    /** Who asks for four bytes again and again costs no more than an answer each. */
    @Test
    void writesItsLogOnceHoweverOftenItIsRead() {
        TestHost host = connect(TestHost.NQN);
        addPaths(200);
        for (int i = 0; i < 1000; i++) {
            assertTrue(host.getLog(LogPageId.DISCOVERY, 4).isOk());
        }
        assertEquals(200, looks);
        addPaths(1);
        discovery.onPathsChanged();
        for (int i = 0; i < 10; i++) {
            MemorySegment log =
                    MemorySegment.ofArray(host.getLog(LogPageId.DISCOVERY, 1024).data());
            assertEquals(generation, DiscoveryLog.generation(log, 0));
            assertEquals(201, DiscoveryLog.records(log, 0));
        }
        assertEquals(200 + 201, looks);
    }

    /** As much as Identify Controller says that one command may move. */
    @Test
    void servesALogInPiecesAsLongAsItSays() {
        TestHost host = connect(TestHost.NQN);
        addPaths(200);
        int most = DiscoverySubsystem.TRANSFER_BYTES_MAX;
        Answer answer = host.getLog(LogPageId.DISCOVERY, most);
        assertTrue(answer.isOk(), "status " + answer.code());
        MemorySegment log = MemorySegment.ofArray(answer.data());
        assertEquals("nqn.volume126", DiscoveryLog.nqn(log, most - 1024));
        Answer tooLong = host.getLog(LogPageId.DISCOVERY, most + 1024);
        assertEquals(StatusCode.INVALID_FIELD, tooLong.code() & 0xFFF, "status " + tooLong.code());
    }

    @Test
    void showsHostsOnlyWhatTheyMayUse() {
        addPaths(3);
        MemorySegment log =
                MemorySegment.ofArray(
                        connect("nqn.nobody").getLog(LogPageId.DISCOVERY, 1024).data());
        assertEquals(0, DiscoveryLog.records(log, 0));
    }

    @Test
    void isADiscoveryController() {
        TestHost host = connect(TestHost.NQN);
        MemorySegment data = MemorySegment.ofArray(host.identify(Cns.CONTROLLER, 0, 0).data());
        assertEquals(
                IdentifyController.TYPE_DISCOVERY,
                LittleEndian.u8(data, IdentifyController.CNTRLTYPE));
        assertEquals(
                DiscoverySubsystem.NQN, LittleEndian.text(data, IdentifyController.SUBNQN, 256));
        assertEquals(StatusCode.INVALID_FIELD, host.identify(Cns.NAMESPACE, 1, 0).code());
        assertEquals(
                StatusCode.INVALID_FIELD, host.setFeature(FeatureId.NUMBER_OF_QUEUES, 0).code());
        HostQueue io = host.open();
        assertEquals(
                StatusCode.CONNECT_INVALID_PARAMETERS,
                host.connect(io, 1, 32, host.controllerId, DiscoverySubsystem.NQN).code());
    }

    @Test
    void tellsHostsThatStayOfNewPaths() {
        TestHost host = connect(TestHost.NQN);
        host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_DISCOVERY);
        int request = host.requestEvent();
        addPaths(1);
        discovery.onPathsChanged();
        assertEquals(
                AsyncEvent.DISCOVERY_CHANGED & 0xFFFF_FFFFL, host.admin.await(request).result());
    }

    @Test
    void tellsEachHostOnceUntilItHasLooked() {
        List<TestHost> hosts = List.of(connect("nqn.a"), connect("nqn.b"));
        List<Integer> requests = new ArrayList<>();
        for (TestHost host : hosts) {
            host.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEvent.CONFIG_DISCOVERY);
            requests.add(host.requestEvent());
        }
        discovery.onPathsChanged();
        for (int i = 0; i < 2; i++) {
            assertTrue(hosts.get(i).admin.await(requests.get(i)).isOk());
        }
        int again = hosts.get(0).requestEvent();
        int never = hosts.get(1).requestEvent();
        discovery.onPathsChanged();
        world.runFor(10_000_000);
        assertFalse(hosts.get(0).admin.isAnswered(again));
        hosts.get(0).getLog(LogPageId.DISCOVERY, 1024);
        assertTrue(hosts.get(0).admin.await(again).isOk());
        hosts.get(1).getLog(LogPageId.DISCOVERY, 0, 1024, true, 0);
        world.runFor(10_000_000);
        assertFalse(hosts.get(1).admin.isAnswered(never), "it asked to keep the event");
    }

    @Test
    void keepsHostsThatStayAsLongAsTheySaySo() {
        TestHost host =
                new TestHost(
                        world.host, world.address, DiscoverySubsystem.NQN, HostQueue.Style.PLAIN);
        world.target.add(discovery);
        host.keepAliveMs = 30_000;
        host.enable();
        for (int i = 0; i < 20; i++) {
            world.runFor(30_000_000_000L);
            assertTrue(host.keepAlive().isOk());
        }
        world.runFor(80_000_000_000L);
        assertTrue(host.admin.closed);
    }

    @Test
    void dropsHostsThatForgetToLeave() {
        TestHost host = connect(TestHost.NQN);
        world.runFor(110_000_000_000L);
        assertFalse(host.admin.closed);
        world.runFor(200_000_000_000L);
        assertTrue(host.admin.closed);
    }
}
