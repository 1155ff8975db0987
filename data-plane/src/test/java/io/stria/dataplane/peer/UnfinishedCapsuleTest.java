package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PeerCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** Members that stop in the middle of what they send. */
class UnfinishedCapsuleTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** When an owner has given a command up, and the target has looked. */
    private static final long GIVEN_UP_NS = OutstandingCommands.COMMAND_TIMEOUT_NS + SECOND_NS / 2;

    private static final byte[] WRITE = write();

    private final ArrayDeque<FragmentRequest> asked = new ArrayDeque<>();
    private final PeerWire wire = new PeerWire(asked::add);

    /** A capsule that needs a large buffer. */
    private static byte[] write() {
        int count = 32;
        int dataBytes = count * FragmentFormat.stride(2048);
        byte[] bytes = new byte[CapsuleCmd.BYTES + dataBytes];
        MemorySegment pdu = MemorySegment.ofArray(bytes);
        CapsuleCmd.writeHeader(pdu, 0);
        PeerCommand.write(
                pdu,
                CapsuleCmd.SQE,
                PeerCommand.WRITE,
                1,
                0,
                4096,
                count,
                11,
                5,
                6,
                false,
                false,
                7);
        SglDescriptor.write(
                pdu, CapsuleCmd.SQE + SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, dataBytes);
        PduHeader.frame(pdu, 0, dataBytes, 4, false, false);
        return bytes;
    }

    private void send(int from, int to) {
        int most = 32 * 1024;
        for (int at = from; at < to; at += most) {
            wire.receive(WRITE, at, Math.min(most, to - at));
        }
    }

    private void assertEnds() {
        assertFalse(wire.isOpen());
        wire.end();
        assertEquals(0, wire.buffersInUse());
        assertTrue(asked.isEmpty());
    }

    @Test
    void aMemberThatStopsInTheMiddleOfItsDataIsDisconnected() {
        wire.logIn();
        send(0, WRITE.length / 2);
        assertEquals(1, wire.buffersInUse());
        wire.passTime(GIVEN_UP_NS);
        assertEnds();
    }

    @Test
    void soIsOneThatStopsInTheMiddleOfAHeader() {
        wire.logIn();
        send(0, CapsuleCmd.BYTES - 1);
        wire.passTime(GIVEN_UP_NS);
        assertEnds();
    }

    @Test
    void soIsOneWhoseDataTricklesIn() {
        wire.logIn();
        send(0, CapsuleCmd.BYTES);
        int sent = CapsuleCmd.BYTES;
        for (long ns = 0; ns < GIVEN_UP_NS; ns += SECOND_NS / 10) {
            send(sent, ++sent);
            wire.passTime(SECOND_NS / 10);
        }
        assertEnds();
    }

    @Test
    void oneThatPausesBetweenCommandsOrTakesItsTimeStays() {
        wire.logIn();
        for (int command = 0; command < 5; command++) {
            wire.passTime(20 * SECOND_NS);
            int pieces = 8;
            for (int piece = 0; piece < pieces; piece++) {
                send(WRITE.length * piece / pieces, WRITE.length * (piece + 1) / pieces);
                wire.passTime(SECOND_NS / 2);
            }
            assertEquals(1, asked.size());
            asked.remove().complete(IoStatus.OK, 0);
            assertTrue(wire.isOpen());
        }
        assertEquals(0, wire.buffersInUse());
    }
}
