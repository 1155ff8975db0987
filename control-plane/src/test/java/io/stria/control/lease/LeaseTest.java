package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final int VOLUMES = 5;

    private static LeaseWorld running(long seed) {
        LeaseWorld world = new LeaseWorld(seed);
        world.until(world::allOnline, 10_000);
        for (int i = 0; i < VOLUMES; i++) {
            world.create(1, "v" + i);
        }
        world.until(() -> world.allServed(VOLUMES), 10_000);
        return world;
    }

    private static Leader leader(LeaseWorld world) {
        ControlNode process = world.machine(1).process;
        return process == null ? Leader.UNKNOWN : process.leader();
    }

    /** A node that owns a volume and does not lead; node 1 keeps answering questions. */
    private static LeaseWorld.Machine owner(LeaseWorld world) {
        return world.machines.stream()
                .filter(machine -> machine.id != leader(world).nodeId() && machine.id != 1)
                .filter(machine ->
                        world.map().volumes().stream().anyMatch(v -> v.owner() == machine.id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void inQuietTimesNothingIsDecidedAndNoLeaseRunsOut() {
        LeaseWorld world = running(1);
        world.until(() -> world.machines.stream().allMatch(LeaseWorld.Machine::leased), 3_000);
        long epoch = world.map().epoch();
        for (int i = 0; i < 600; i++) {
            world.run(100);
            assertTrue(world.machines.stream().allMatch(LeaseWorld.Machine::leased));
        }
        assertEquals(epoch, world.map().epoch());
    }

    @Test
    void renewalsOfAllNodesComeTogetherAndShareAQuestion() {
        LeaseWorld world = running(11);
        world.run(10_000);
        int renewals = world.sent(Message.Renew.class);
        int questions = world.sent(Message.Confirm.class);
        world.run(60_000);
        renewals = world.sent(Message.Renew.class) - renewals;
        questions = world.sent(Message.Confirm.class) - questions;
        // Every 800 ms four nodes renew over the network, and four are asked.
        assertTrue(renewals > 250 && renewals < 350, renewals + " renewals");
        assertTrue(questions > 250 && questions < 350, questions + " questions");
    }

    @Test
    void noLeaseRunsOutWhenTheNetworkLosesEverythingForHalfASecond() {
        LeaseWorld world = running(12);
        world.until(() -> world.machines.stream().allMatch(LeaseWorld.Machine::leased), 3_000);
        for (int i = 0; i < 40; i++) {
            world.run(1_500 + 47 * i);
            world.lossPercent = 100;
            world.run(500);
            world.lossPercent = 0;
            for (int j = 0; j < 200; j++) {
                world.run(10);
                assertTrue(
                        world.machines.stream().allMatch(LeaseWorld.Machine::leased),
                        world::describe);
            }
        }
    }

    @Test
    void anOwnerWhoseEndIsAttestedIsReplacedWithinFractionsOfASecond() {
        LeaseWorld world = running(2);
        LeaseWorld.Machine owner = owner(world);
        owner.kill();
        world.machine(1).attest(owner.id, owner.lastIncarnation());
        long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
        assertTrue(ms < 200, ms + " ms");
    }

    /** The process has counted on from the one before it, and does not go by its own start. */
    @Test
    void anOwnerWhoseClockWentBackIsReplacedAsFastWhenItsEndIsAttested() {
        LeaseWorld world = running(2);
        LeaseWorld.Machine owner = owner(world);
        owner.kill();
        world.until(() -> world.allServed(VOLUMES), 10_000);
        long longAgo = 5_000;
        owner.start(longAgo);
        world.until(() -> world.allOnline() && owner.leased(), 10_000);
        long later = Incarnation.ofProcess(Incarnation.start(longAgo + 1_000, 0));
        assertTrue(owner.registeredAs > later, "it does not go by its clock");
        assertEquals(world.map().node(owner.id).orElseThrow().incarnation(), owner.registeredAs);
        for (VolumeEntry volume : world.map().volumes()) {
            world.machine(1)
                    .propose(new Decision.TakeVolume(volume.vuid(), volume.epoch(), owner.id));
        }
        world.run(2_000);
        assertTrue(world.map().volumes().stream().anyMatch(v -> v.owner() == owner.id));
        owner.kill();
        world.machine(1).attest(owner.id, owner.registeredAs);
        long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
        assertTrue(ms < 200, ms + " ms");
    }

    /** Silence alone would take longer than half a second before anybody stands for election. */
    @Test
    void aLeaderWhoseEndIsAttestedIsSucceededWithinFractionsOfASecond() {
        for (int seed = 2; seed < 12; seed++) {
            LeaseWorld world = running(seed);
            LeaseWorld.Machine leader = world.machine(leader(world).nodeId());
            LeaseWorld.Machine owner = owner(world);
            leader.kill();
            owner.kill();
            for (LeaseWorld.Machine machine : List.of(leader, owner)) {
                world.machines.forEach(
                        witness -> witness.attest(machine.id, machine.lastIncarnation()));
            }
            long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
            assertTrue(ms < 500, ms + " ms, seed " + seed);
        }
    }

    /** Silence lasts longer, and nobody's lease is renewed meanwhile. */
    @Test
    void nobodyElseLosesItsLeaseWhenTheLeaderIsSaidToStandStill() {
        for (int seed = 2; seed < 22; seed++) {
            LeaseWorld world = running(seed);
            world.run(37 * seed);
            LeaseWorld.Machine leader = world.machine(leader(world).nodeId());
            leader.standStill(20_000);
            world.run(450 + world.random.nextInt(100));
            world.machines.forEach(other -> other.hearStandstill(leader.id, leader.registeredAs));
            for (int ms = 0; ms < 1_500; ms += 10) {
                world.run(10);
                assertTrue(
                        world.machines.stream().allMatch(m -> m == leader || m.leased()),
                        world::describe);
            }
            long ms = 2_000 + world.until(() -> world.allServed(VOLUMES), 10_000);
            assertTrue(ms > 1_100 && ms < 2_700, ms + " ms, seed " + seed);
        }
    }

    /** It is still the process that it was, and leads. */
    @Test
    void aFalseWordOfTheLeaderCostsOneElectionHoweverOftenItComes() {
        for (int seed = 2; seed < 12; seed++) {
            LeaseWorld world = running(seed);
            Leader before = leader(world);
            long said = world.machine(before.nodeId()).registeredAs;
            for (int times = 0; times < 20; times++) {
                world.machine(1 + world.random.nextInt(LeaseWorld.NODES))
                        .hearStandstill(before.nodeId(), said);
                world.run(world.random.nextInt(150));
                assertTrue(
                        world.machines.stream().allMatch(LeaseWorld.Machine::leased),
                        world::describe);
            }
            world.run(3_000);
            assertTrue(leader(world).term() - before.term() <= 1, leader(world)::toString);
            assertTrue(world.allServed(VOLUMES), world::describe);
        }
    }

    @Test
    void aWordOfAnEarlierProcessOfTheLeaderCostsNoElection() {
        LeaseWorld world = running(2);
        Leader before = leader(world);
        long registered = world.machine(before.nodeId()).registeredAs;
        for (long said : new long[] {registered - 1, registered - (1L << 12), 0}) {
            world.machines.forEach(other -> other.hearStandstill(before.nodeId(), said));
            world.run(1_000);
        }
        assertEquals(before, leader(world));
    }

    /** Its wall clock is off, for instance: nobody takes its messages, and its log goes on. */
    @Test
    void aLeaderWhoseMessagesNobodyTakesGivesWay() {
        for (int seed = 2; seed < 12; seed++) {
            LeaseWorld world = running(seed);
            int deaf = leader(world).nodeId();
            world.cutMessages(deaf);
            long ms =
                    world.until(
                            () ->
                                    world.machines.stream()
                                                    .allMatch(m -> m.id == deaf || m.leased())
                                            && world.allServed(VOLUMES)
                                            && world.consensus.log(deaf).leadingTerm() == 0,
                            20_000);
            System.out.println("served again after " + ms + " ms, seed " + seed);
            long epoch = world.map().epoch();
            world.run(20_000);
            assertEquals(epoch, world.map().epoch(), "and stays so");
        }
    }

    @Test
    void anOwnerThatFallsSilentIsReplacedOnlyAfterItsLease() {
        LeaseWorld world = running(3);
        LeaseWorld.Machine owner = owner(world);
        owner.kill();
        long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
        assertTrue(ms > 1_400 && ms < 3_500, ms + " ms");
    }

    /** It kept its lease as long as its control plane ran, and nobody served its volumes. */
    @Test
    void anOwnerWhoseReactorsStandStillIsReplacedAndComesBackWhenTheyGoOn() {
        LeaseWorld world = running(3);
        LeaseWorld.Machine owner = owner(world);
        owner.dataStandsStill = true;
        long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
        assertTrue(ms > 1_400 && ms < 3_500, ms + " ms");

        world.run(5_000);
        owner.dataStandsStill = false;
        world.until(owner::leased, 5_000);
        assertTrue(world.allServed(VOLUMES));
    }

    /** Its stores may take long to close; the process runs on meanwhile. */
    @Test
    void anOwnerThatRetiresIsReplacedWhenItsLeaseHasRunOutAndStaysAway() {
        for (int seed = 3; seed < 8; seed++) {
            LeaseWorld world = running(seed);
            LeaseWorld.Machine owner = owner(world);
            owner.running().agent().retire();
            long ms = world.until(() -> !owns(world, owner), 10_000);
            assertTrue(ms > 1_400 && ms < 3_500, ms + " ms, seed " + seed);
            world.until(() -> world.allServed(VOLUMES), 1_000);
            world.run(10_000);
            assertFalse(owner.leased(), "it asks for no lease, and does not register");
            assertFalse(owns(world, owner));
        }
    }

    /** Nobody else can declare it down before it has ended. */
    @Test
    void aLeaderThatRetiresGivesItsOwnVolumesToOthers() {
        for (int seed = 3; seed < 8; seed++) {
            LeaseWorld world = running(seed);
            LeaseWorld.Machine leader = world.machine(leader(world).nodeId());
            leader.running().agent().retire();
            world.until(() -> !leader.leased(), 3_000);
            long ms = world.until(() -> world.allServed(VOLUMES), 10_000);
            assertTrue(ms < 1_500, ms + " ms, seed " + seed);
            world.run(10_000);
            assertFalse(owns(world, leader));
            assertTrue(world.allServed(VOLUMES), "it still leads, and grants to others");
        }
    }

    private static boolean owns(LeaseWorld world, LeaseWorld.Machine machine) {
        return world.map().volumes().stream().anyMatch(volume -> volume.owner() == machine.id);
    }

    @Test
    void aNewLeaderIsFoundAndOwnersServeOn() {
        LeaseWorld world = running(4);
        Leader before = leader(world);
        world.machine(before.nodeId()).kill();
        long ms = world.until(() -> world.allServed(VOLUMES), 20_000);
        assertTrue(ms < 8_000, ms + " ms");
        world.machines.stream()
                .filter(LeaseWorld.Machine::runs)
                .forEach(machine -> assertTrue(machine.leased(), machine.toString()));
    }

    @Test
    void allNodesKilledAtOnceComeBackAndNobodyIsBehind() {
        LeaseWorld world = running(5);
        var before = world.map().volumes();
        world.machines.forEach(LeaseWorld.Machine::kill);
        world.run(60_000);
        world.machines.forEach(LeaseWorld.Machine::start);
        world.until(() -> world.allOnline() && world.allServed(VOLUMES), 10_000);
        for (VolumeEntry volume : before) {
            VolumeEntry now = world.map().volume(volume.vuid()).orElseThrow();
            assertTrue(now.behind().isEmpty());
            assertEquals(volume.owner(), now.owner());
            assertEquals(volume.epoch() + 1, now.epoch());
        }
    }

    @Test
    void ofFiveKilledNodesThreeServeEverythingAgain() {
        LeaseWorld world = running(6);
        world.machines.forEach(LeaseWorld.Machine::kill);
        world.run(1_000);
        for (int node = 1; node <= 3; node++) {
            world.machine(node).start();
        }
        world.until(() -> world.allServed(VOLUMES), 15_000);
        assertFalse(world.allOnline());
    }

    @Test
    void aNodeThatIsCutOffServesNothingAndComesBackAsANewIncarnation() {
        LeaseWorld world = running(7);
        LeaseWorld.Machine owner = owner(world);
        long incarnation = world.map().node(owner.id).orElseThrow().incarnation();
        for (int other = 1; other <= LeaseWorld.NODES; other++) {
            world.cut(owner.id, other);
            world.cut(other, owner.id);
        }
        long ms = world.until(() -> !owner.leased(), 3_000);
        assertTrue(ms <= 2_100, ms + " ms");
        world.until(() -> world.allServed(VOLUMES), 3_000);
        assertFalse(owner.leased());
        world.heal();
        world.until(() -> world.allOnline() && owner.leased(), 10_000);
        long now = world.map().node(owner.id).orElseThrow().incarnation();
        assertTrue(now > incarnation && Incarnation.sameProcess(now, incarnation));
    }

    /** As on a busy machine, where its thread gets its turn three times a second. */
    @Test
    void aLeaderThatIsAlwaysLateStillFindsSilentNodes() {
        for (int seed = 2; seed < 7; seed++) {
            LeaseWorld world = running(seed);
            LeaseWorld.Machine late = world.machine(leader(world).nodeId());
            LeaseWorld.Machine lost = owner(world);
            lost.kill();
            for (int i = 0; i < 20; i++) {
                late.pausedUntilNs = world.nowNs + 300_000_000L;
                world.run(302);
            }
            List<Integer> online =
                    world.map().nodes().stream()
                            .filter(node -> node.state() == NodeState.ONLINE)
                            .map(NodeEntry::id)
                            .toList();
            assertFalse(online.contains(lost.id), "seed " + seed);
            assertEquals(LeaseWorld.NODES - 1, online.size(), "the others are heard");
        }
    }

    @Test
    void aMinorityServesNothingHoweverLongItLasts() {
        LeaseWorld world = running(8);
        for (int node = 1; node <= 3; node++) {
            world.machine(node).kill();
        }
        world.run(4_000);
        for (int i = 0; i < 100; i++) {
            world.run(300);
            assertFalse(world.machine(4).leased() || world.machine(5).leased());
        }
    }

    @Test
    void aSecondProcessOfANodeEndsTheFirst() {
        LeaseWorld world = running(9);
        LeaseWorld.Machine owner = owner(world);
        long mine = world.map().node(owner.id).orElseThrow().incarnation();
        world.machine(1)
                .propose(
                        new Decision.RegisterNode(
                                new NodeSpec(owner.id, "10.0.0.9", 4420, 80, 98, "", "", true),
                                Incarnation.ofLaterProcess(mine, 0),
                                List.of()));
        world.until(() -> !owner.runs(), 3_000);
        assertFalse(owner.leased());
    }

    /**
     * The leader's log is cut off, so there is another one, and an owner hears only the old one.
     */
    @Test
    void aLeaderThatOthersNoLongerFollowGrantsNothing() {
        for (int seed = 20; seed < 40; seed++) {
            LeaseWorld world = running(seed);
            int leader = leader(world).nodeId();
            LeaseWorld.Machine owner = owner(world);
            world.cutLog(leader);
            for (int other = 1; other <= LeaseWorld.NODES; other++) {
                if (other != leader) {
                    world.cut(owner.id, other);
                    world.cut(other, owner.id);
                }
            }
            world.until(() -> !owner.leased(), 4_000);
            world.until(() -> world.allServed(VOLUMES), 10_000);
            assertFalse(owner.leased());
        }
    }
}
