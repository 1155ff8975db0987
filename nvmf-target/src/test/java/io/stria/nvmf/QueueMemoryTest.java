package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.StatusCode;
import io.stria.runtime.sim.TcpConfig;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What queues cost, whatever depth their hosts ask for. */
class QueueMemoryTest {
    private static final int ENTRIES = 128;

    @SuppressWarnings("NullAway") // commands that go nowhere need no connection
    private static CommandSlots slots(Arena arena) {
        return new CommandSlots(null, arena);
    }

    private static long made(CommandSlots slots) {
        long made = 0;
        for (int slot = 0; slot < ENTRIES; slot++) {
            made += slots.at(slot) == null ? 0 : 1;
        }
        return made;
    }

    private static List<Command> takeAll(CommandSlots slots, int count) {
        List<Command> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Command command = slots.take();
            assertTrue(command != null, "only " + i);
            command.state = CommandState.RECEIVING;
            command.commandId = 100 + i;
            taken.add(command);
        }
        return taken;
    }

    @Test
    void aQueueCostsTheCommandsThatWereOnTheirWayAtOnce() {
        try (Arena arena = Arena.ofConfined()) {
            CommandSlots slots = slots(arena);
            slots.grow(ENTRIES);
            for (int round = 0; round < 100; round++) {
                List<Command> taken = takeAll(slots, 4);
                assertEquals(taken.get(2), slots.find(102));
                assertEquals(null, slots.find(104));
                taken.forEach(slots::giveBack);
            }
            assertEquals(4, made(slots));
            assertEquals(null, slots.find(0));
            List<Command> all = takeAll(slots, ENTRIES);
            assertEquals(null, slots.take());
            assertEquals(ENTRIES, made(slots));
            all.get(7).state = CommandState.EXECUTING;
            assertEquals(1, slots.giveUpExecuting());
            slots.dropAllButExecuting();
            assertEquals(ENTRIES - 1, takeAll(slots, ENTRIES - 1).size());
        }
    }

    @Test
    void refusesQueuesBeyondTheEntriesThatAllMayHave() {
        TargetConfig config =
                TargetConfig.of(new InetSocketAddress("10.0.0.1", 4420), ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withEntriesMax(32 + 2 * ENTRIES);
        try (World world = new World(config, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            host.connectIo(1);
            HostQueue last = host.connectIo(2);
            HostQueue refused = host.open();
            Answer answer = host.connect(refused, 3, ENTRIES, host.controllerId, World.NQN);
            assertEquals(StatusCode.CONNECT_CONTROLLER_BUSY, answer.code());
            TestHost other = world.connect();
            other.hostNqn = "nqn.other";
            Answer admin = other.connect(other.admin, 0, 32, 0xFFFF, World.NQN);
            assertEquals(StatusCode.CONNECT_CONTROLLER_BUSY, admin.code());
            last.stream().close();
            world.runFor(10_000_000);
            assertTrue(TestHost.read(host.connectIo(3), 0, 1).isOk());
        }
    }

    @Test
    void commandsThatOutliveTheirQueueCostWhatTheyDid() {
        TargetConfig config =
                TargetConfig.of(new InetSocketAddress("10.0.0.1", 4420), ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withEntriesMax(32 + ENTRIES);
        try (World world = new World(config, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue queue = host.connectIo(1);
            world.device.hold();
            TestHost.submitWrite(queue, 0, World.pattern(1, 4096));
            world.runFor(10_000_000);
            host.close();
            world.runFor(10_000_000);
            TestHost other = world.connect();
            other.hostId = World.pattern(3, 16);
            other.enable();
            HostQueue refused = other.open();
            Answer answer = other.connect(refused, 1, ENTRIES, other.controllerId, World.NQN);
            assertEquals(StatusCode.CONNECT_CONTROLLER_BUSY, answer.code());
            world.device.letGo();
            world.runFor(10_000_000);
            HostQueue taken = other.open();
            answer = other.connect(taken, 1, ENTRIES, other.controllerId, World.NQN);
            assertTrue(answer.isOk());
        }
    }
}
