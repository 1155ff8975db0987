package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Streams send, pause and close at random while their operations are in flight. Every byte is a
 * function of its place in its direction, so that memory given away too early shows as a wrong one.
 */
public abstract class EngineStressContract {
    private static final int STREAMS = 40;
    private static final int STEPS = 4_000;

    /** Worlds, each with the next seed. */
    private static final int ROUNDS = Integer.getInteger("stria.stress.rounds", 1);

    private final List<End> ends = new ArrayList<>();
    private long bytesChecked;
    private boolean ending;

    protected abstract EngineWorld newWorld() throws IOException;

    @Test
    protected void deliversOnlyRightBytesHoweverStreamsEnd() throws IOException {
        long seed = Long.getLong("stria.seed", System.nanoTime());
        for (int round = 0; round < ROUNDS; round++) {
            deliverOnlyRightBytes(seed + round);
        }
    }

    private void deliverOnlyRightBytes(long seed) throws IOException {
        ends.clear();
        bytesChecked = 0;
        ending = false;
        String repeat = "repeat with -Dstria.seed=" + seed;
        Random random = new Random(seed);
        try (EngineWorld world = newWorld();
                Arena arena = Arena.ofConfined()) {
            Engine engine = world.newEngine();
            MemorySegment message = arena.allocate(64 << 10);
            StreamListener listener = engine.listen(world.anyAddress(), stream -> newEnd(random));
            for (int step = 0; step < STEPS; step++) {
                if (ends.size() < 2 * STREAMS) {
                    engine.connect(listener.localAddress(), newEnd(random));
                }
                if (!ends.isEmpty()) {
                    ends.get(random.nextInt(ends.size())).act(message);
                }
                world.step();
                ends.removeIf(end -> end.closed);
            }
            // Those that are still being connected or accepted close when they are.
            ending = true;
            List.copyOf(ends).forEach(End::close);
            world.until("all are closed; " + repeat, () -> ends.stream().allMatch(e -> e.closed));
        } catch (AssertionError e) {
            throw new AssertionError(repeat, e);
        }
        assertTrue(bytesChecked > 1_000_000, () -> "only " + bytesChecked + " bytes; " + repeat);
    }

    private End newEnd(Random random) {
        End end = new End(random);
        ends.add(end);
        return end;
    }

    /** One end of a stream. */
    private final class End implements StreamHandler {
        private final Random random;
        private @Nullable TcpStream stream;
        private long sent;
        private long received;
        private boolean closed;

        End(Random random) {
            this.random = random;
        }

        void act(MemorySegment message) {
            TcpStream to = stream;
            if (to == null) {
                return;
            }
            switch (random.nextInt(10)) {
                case 0 -> to.pauseReceive();
                case 1, 2 -> to.resumeReceive();
                case 3 -> maybeClose(to);
                default -> send(to, message);
            }
        }

        void close() {
            if (stream != null) {
                stream.close();
            }
        }

        @Override
        public void onConnected(TcpStream connected) {
            stream = connected;
            if (ending) {
                connected.close();
            }
        }

        @Override
        public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
            int taken = random.nextInt(length + 1);
            for (int i = 0; i < taken; i++) {
                byte actual = buffer.get(ValueLayout.JAVA_BYTE, offset + i);
                assertEquals(byteAt(received + i), actual, "byte " + (received + i));
            }
            received += taken;
            bytesChecked += taken;
            if (taken == 0 || random.nextInt(50) == 0) {
                from.pauseReceive();
            }
            return taken;
        }

        @Override
        public void onSendSpace(TcpStream of) {}

        @Override
        public void onClosed(TcpStream of, int errno) {
            closed = true;
        }

        private void maybeClose(TcpStream to) {
            if (random.nextInt(8) == 0) {
                to.close();
            }
        }

        private void send(TcpStream to, MemorySegment message) {
            int length = Math.min(to.sendSpace(), random.nextInt((int) message.byteSize()));
            for (int i = 0; i < length; i++) {
                message.set(ValueLayout.JAVA_BYTE, i, byteAt(sent + i));
            }
            to.send(message, 0, length);
            sent += to.isOpen() ? length : 0;
        }

        private byte byteAt(long position) {
            return (byte) (position * 0x9e3779b97f4a7c15L >>> 56);
        }
    }
}
