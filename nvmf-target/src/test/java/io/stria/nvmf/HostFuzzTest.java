package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.fuzz.FuzzTest;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A host's stream: byte 0 says how far the connection has come and with which digests, byte 1 how
 * the stream is cut. Whatever comes, the target goes on with other hosts, and keeps nothing of this
 * one when it has gone.
 */
class HostFuzzTest extends FuzzTest {
    private static final int STREAM_BYTES_MAX = 8192;
    private static final long SOON_NS = 20_000_000L;
    private static final Logger LOG = Logger.getLogger("io.stria.nvmf");

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2 || input.length > STREAM_BYTES_MAX) {
            return;
        }
        LOG.setLevel(Level.OFF);
        Stage stage = Stage.values()[(input[0] & 0x7F) % Stage.values().length];
        HostQueue.Style style = input[0] < 0 ? HostQueue.Style.DIGESTS : HostQueue.Style.PLAIN;
        try (World world = new World()) {
            TestHost host = null;
            HostQueue queue;
            if (stage == Stage.FRESH) {
                queue = new HostQueue(world.host, world.address, style);
            } else {
                host = world.connect(style);
                queue = stage.reach(host);
            }
            queue.hostile = true;
            queue.answersRequests = false;
            int piece = 1 + (input[1] & 0xFF) * 8;
            for (int at = 2; at < input.length && !queue.closed; at += piece) {
                queue.send(Arrays.copyOfRange(input, at, Math.min(at + piece, input.length)));
                world.runFor(SOON_NS);
            }
            TestHost other = world.connect().enable();
            assertTrue(TestHost.read(other.connectIo(1), 0, 1).isOk(), "another host's read");
            if (!queue.closed) {
                queue.stream().close();
            }
        }
    }
}
