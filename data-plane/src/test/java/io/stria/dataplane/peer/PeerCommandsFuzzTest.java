package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.fuzz.FuzzTest;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.logging.Logger;

/**
 * What a peer sends to a device: byte 0 says whether it has logged in before, byte 1 how its stream
 * is cut. A command reaches the store only from a member, and only in the shape that the store may
 * believe; every buffer comes back.
 */
class PeerCommandsFuzzTest extends FuzzTest {
    private static final int STREAM_BYTES_MAX = 1 << 14;
    private static final Logger LOG = Logger.getLogger(PeerTarget.class.getName());

    static {
        LOG.setLevel(java.util.logging.Level.OFF);
        assert !System.getLogger(PeerTarget.class.getName()).isLoggable(Level.WARNING);
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2 || input.length > STREAM_BYTES_MAX) {
            return;
        }
        ArrayDeque<FragmentRequest> asked = new ArrayDeque<>();
        boolean[] member = {(input[0] & 1) != 0};
        try (PeerWire wire =
                new PeerWire(request -> {
                    assertTrue(member[0], "a stranger's command reached the store");
                    assertShaped(request);
                    asked.add(request);
                })) {
            if (member[0]) {
                wire.logIn();
            }
            int piece = 1 + (input[1] & 0xFF) * 8;
            for (int at = 2; at < input.length; at += piece) {
                wire.receive(input, at, Math.min(piece, input.length - at));
                // A LIST that is answered with nothing, and the others with what the buffer holds.
                while (!asked.isEmpty() && (input[0] & 2) == 0) {
                    asked.remove().complete(IoStatus.OK, 0);
                }
            }
            wire.end();
            while (!asked.isEmpty()) {
                asked.remove().complete(IoStatus.OK, 0);
            }
            assertEquals(0, wire.buffersInUse());
        }
    }

    private static void assertShaped(FragmentRequest request) {
        int bytes = request.fragmentBytes;
        assertTrue(Integer.bitCount(bytes) == 1 && bytes >= 512 && bytes <= 4096);
        assertTrue(request.address >= 0 && request.epoch >>> 24 == 0);
        assertTrue(request.count >= 0 && request.association != 0);
        assertTrue(request.bufferOffset == 0);
        assertTrue(request.bufferBytes <= PeerBuffers.LARGE_BYTES);
        assertTrue(request.bufferBytes <= request.buffer.byteSize());
    }
}
