package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the request for a scrub gets from any node to the owner's, and the owner's word back. */
class ScrubRequestTest {
    private final List<Result> answers = new ArrayList<>();
    private final LeaseWorld world = new LeaseWorld(1);

    ScrubRequestTest() {
        world.until(world::allOnline, 10_000);
        world.create(1, "v");
        world.until(() -> world.allServed(1), 10_000);
        owner().running().agent().serving(volume().vuid(), volume().epoch());
    }

    private VolumeEntry volume() {
        return world.map().volumes().getFirst();
    }

    private LeaseWorld.Machine owner() {
        return world.machine(volume().owner());
    }

    private LeaseWorld.Machine other() {
        return world.machine(volume().owner() % LeaseWorld.NODES + 1);
    }

    /** Waits for the answer. */
    private Result ask(LeaseWorld.Machine through, VolumeEntry volume) {
        int before = answers.size();
        long deadlineNs = through.clock() + 2_000 * LeaseWorld.MS;
        through.running().agent().askScrub(volume, deadlineNs, answers::add);
        world.until(() -> answers.size() > before, 2_500);
        assertEquals(before + 1, answers.size());
        return answers.getLast();
    }

    @Test
    void anyNodeTakesItToTheOwner() {
        for (LeaseWorld.Machine machine : world.machines) {
            int before = owner().scrubsAsked.size();
            assertEquals(Result.Outcome.DONE, ask(machine, volume()).outcome());
            world.run(100);
            assertTrue(owner().scrubsAsked.size() > before);
        }
        assertTrue(
                owner().scrubsAsked.stream()
                        .allMatch(new Serving(volume().vuid(), volume().epoch())::equals));
        for (LeaseWorld.Machine machine : world.machines) {
            assertTrue(machine == owner() || machine.scrubsAsked.isEmpty());
        }
    }

    @Test
    void itIsSentAgainWhenItIsLost() {
        LeaseWorld.Machine asking = other();
        world.cut(asking.id, owner().id);
        long deadlineNs = asking.clock() + 2_000 * LeaseWorld.MS;
        asking.running().agent().askScrub(volume(), deadlineNs, answers::add);
        world.run(500);
        assertTrue(answers.isEmpty() && owner().scrubsAsked.isEmpty());
        world.heal();
        world.until(() -> !answers.isEmpty(), 1_400);
        assertEquals(Result.Outcome.DONE, answers.getFirst().outcome());
    }

    @Test
    void anOwnerThatIsDownOrAnotherByNowIsNotReady() {
        VolumeEntry before = volume();
        LeaseWorld.Machine asked = other();
        owner().kill();
        Result silent = ask(asked, before);
        assertEquals(Result.Outcome.NOT_READY, silent.outcome());
        assertEquals(
                "node %d owns the volume and does not answer".formatted(before.owner()),
                silent.detail());
        world.until(() -> volume().epoch() > before.epoch(), 10_000);
        world.until(() -> world.allServed(1), 10_000);
        // Its owner has not said yet that it serves.
        Result early = ask(world.machine(volume().owner()), volume());
        assertEquals(
                "node %d owns the volume and does not serve it now".formatted(volume().owner()),
                early.detail());
        assertTrue(owner().scrubsAsked.isEmpty());
    }

    @Test
    void aNodeWithoutALeaseTakesNone() {
        LeaseWorld.Machine owner = owner();
        VolumeEntry volume = volume();
        owner.dataStandsStill = true; // so it asks for no lease
        world.until(() -> !owner.leased(), 10_000);
        assertEquals(Result.Outcome.NOT_READY, ask(owner, volume).outcome());
        assertTrue(owner.scrubsAsked.isEmpty());
    }

    @Test
    void theLeaderHearsHowFarItIs() {
        ScrubReport report =
                new ScrubReport(volume().vuid(), volume().epoch(), true, 3, 64, 1, 9, 900, 2, 1, 4);
        owner().scrubs = List.of(report);
        List<LeaderView> views = new ArrayList<>();
        world.until(
                () -> {
                    other().running()
                            .agent()
                            .askView(
                                    other().clock() + 100 * LeaseWorld.MS,
                                    views::add,
                                    failed -> {});
                    return views.stream()
                            .flatMap(view -> view.nodes().stream())
                            .filter(node -> node.id() == owner().id)
                            .anyMatch(node -> node.scrubs().equals(List.of(report)));
                },
                3_000);
    }
}
