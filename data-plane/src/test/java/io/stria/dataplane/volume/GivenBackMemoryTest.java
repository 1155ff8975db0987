package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nobody looks at a host's memory when the host has been answered, not even to read. */
class GivenBackMemoryTest {
    private static final int BLOCKS = 16;

    private final OwnerScenario scenario = new OwnerScenario();

    /** Stores on the owner's reactor had put what they read straight into the host's memory. */
    @Test
    void aReadThatIsGivenUpBeforeItBeginsTouchesNoMemoryOfTheOneBefore() {
        assertEquals(IoStatus.OK, scenario.write(0, BLOCKS, 1));
        List<IoStatus> ended = new ArrayList<>();
        try (Arena host = Arena.ofConfined()) {
            MemorySegment memory = host.allocate(BLOCKS * BlockDevice.BLOCK_BYTES, 64);
            scenario.owner.submit(
                    new IoRequest()
                            .set(
                                    IoOp.READ,
                                    0,
                                    BLOCKS,
                                    memory,
                                    0,
                                    (request, status) -> ended.add(status)));
            scenario.runUntil(() -> !ended.isEmpty());
        }
        assertEquals(List.of(IoStatus.OK), ended);
        scenario.decides = false;
        scenario.clients.get(0).hang(request -> request.op == FragmentOp.WRITE);
        OwnerScenario.Io write = scenario.begin(IoOp.WRITE, 0, BLOCKS, 2);
        OwnerScenario.Io read = scenario.begin(IoOp.READ, 0, BLOCKS, 0);
        assertEquals(IoStatus.UNAVAILABLE, scenario.end(read).status);
        assertEquals(IoStatus.UNAVAILABLE, scenario.end(write).status);
        scenario.clients.get(0).release();
        assertEquals(2, scenario.read(0));
    }
}
