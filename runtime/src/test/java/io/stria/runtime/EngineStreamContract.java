package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine promises about TCP streams. Two engines, so that both ends are real. */
public abstract class EngineStreamContract {
    private static final int ECONNREFUSED = 111;

    private final Arena arena = Arena.ofConfined();
    private final List<RecordingHandler> accepted = new ArrayList<>();

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private EngineWorld world;

    @SuppressWarnings("NullAway.Init")
    private Engine server;

    @SuppressWarnings("NullAway.Init")
    private Engine client;

    protected abstract EngineWorld newWorld() throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = newWorld();
        server = world.newEngine();
        client = world.newEngine();
    }

    @AfterEach
    void closeWorld() {
        world.close();
        arena.close();
    }

    @Test
    protected void connectsBothEndsWhoAgreeOnTheirAddresses() throws IOException {
        StreamListener listener = listen();
        assertNotEquals(0, listener.localAddress().getPort());
        Pair pair = connect(listener, new RecordingHandler());
        assertEquals(listener.localAddress(), pair.near.stream().remoteAddress());
        assertEquals(listener.localAddress(), pair.far.stream().localAddress());
        assertEquals(pair.near.stream().localAddress(), pair.far.stream().remoteAddress());
        assertTrue(pair.near.stream().isOpen() && pair.far.stream().isOpen());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 4095, 4096, 4097, 65_536, 600_000, 10_000_000})
    protected void echoesAnyNumberOfBytesToAHandlerThatTakesThemPiecemeal(int bytes)
            throws IOException {
        StreamListener listener = listen(Echo::new);
        Random random = new Random(bytes);
        Piecemeal near = new Piecemeal(random);
        connect(listener, near);
        byte[] data = random(bytes, bytes);
        Sender sender = new Sender(near.stream(), data);
        world.until(
                "the echo of " + bytes + " bytes",
                () -> {
                    sender.sendMore();
                    return near.receivedBytes() >= bytes;
                });
        assertArrayEquals(data, near.received.toByteArray());
    }

    @Test
    protected void offersUnconsumedBytesAgainTogetherWithWhatFollows() throws IOException {
        RecordingHandler untilFive =
                new RecordingHandler() {
                    @Override
                    protected int consume(TcpStream from, MemorySegment b, long o, int length) {
                        return length < 5 ? 0 : 5;
                    }
                };
        Pair pair = connect(listen(() -> untilFive), new RecordingHandler());
        byte[] data = {1, 2, 3, 4, 5, 6, 7};
        sendAll(pair.near, data, 0, 3);
        world.until("the first bytes are offered", () -> untilFive.offers == 1);
        assertEquals(0, untilFive.receivedBytes());
        sendAll(pair.near, data, 3, 4);
        world.until("five bytes are taken", () -> untilFive.receivedBytes() == 5);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, untilFive.received.toByteArray());
    }

    @Test
    protected void canOfferSixtyFourKibibytesAtATime() throws IOException {
        int whole = 65_536;
        RecordingHandler greedy =
                new RecordingHandler() {
                    @Override
                    protected int consume(TcpStream from, MemorySegment b, long o, int length) {
                        return length < whole ? 0 : whole;
                    }
                };
        Pair pair = connect(listen(() -> greedy), new RecordingHandler());
        byte[] data = random(1, 3 * whole);
        Sender sender = new Sender(pair.near.stream(), data);
        world.until(
                "three offers of 64 KiB",
                () -> {
                    sender.sendMore();
                    return greedy.receivedBytes() == data.length;
                });
        assertArrayEquals(data, greedy.received.toByteArray());
    }

    @Test
    protected void offersNothingWhileReceivingIsPaused() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        pair.far.stream().pauseReceive();
        sendAll(pair.near, new byte[] {1, 2, 3}, 0, 3);
        world.settle();
        assertEquals(0, pair.far.offers);
        pair.far.stream().resumeReceive();
        world.until("the bytes arrive", () -> pair.far.receivedBytes() == 3);
    }

    @Test
    protected void offersWhatWasLeftWhenReceivingResumesWithoutWaitingForMore() throws IOException {
        boolean[] full = {true};
        RecordingHandler limited =
                new RecordingHandler() {
                    @Override
                    protected int consume(TcpStream from, MemorySegment b, long o, int length) {
                        if (full[0]) {
                            from.pauseReceive();
                            return 0;
                        }
                        return length;
                    }
                };
        Pair pair = connect(listen(() -> limited), new RecordingHandler());
        sendAll(pair.near, new byte[] {1, 2, 3}, 0, 3);
        world.until("the bytes are refused", () -> limited.offers == 1);
        world.settle();
        assertEquals(1, limited.offers);
        full[0] = false;
        limited.stream().resumeReceive();
        assertEquals(1, limited.offers, "offers come from poll alone");
        world.until("the bytes are taken", () -> limited.receivedBytes() == 3);
    }

    @Test
    protected void stopsASenderWhosePeerDoesNotReadAndTellsItOfSpaceLater() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        TcpStream near = pair.near.stream();
        assertEquals(near.sendCapacity(), near.sendSpace());
        pair.far.stream().pauseReceive();
        long sent = sendUntilStuck(near);
        assertTrue(near.sendSpace() < 65_536, () -> "space left: " + near.sendSpace());
        assertEquals(0, pair.far.offers);
        int before = pair.near.sendSpaceCalls;
        pair.far.stream().resumeReceive();
        world.until("everything arrives", () -> pair.far.receivedBytes() == sent);
        world.until("all space is back", () -> near.sendSpace() == near.sendCapacity());
        assertTrue(pair.near.sendSpaceCalls > before, "onSendSpace was called");
    }

    @Test
    protected void tellsAConnectorThatNobodyListens() throws IOException {
        StreamListener listener = listen();
        InetSocketAddress address = listener.localAddress();
        listener.close();
        world.settle();
        RecordingHandler near = new RecordingHandler();
        client.connect(address, near);
        assertFalse(near.closed, "not from within connect");
        world.until("the refusal", () -> near.closed);
        assertEquals(ECONNREFUSED, near.closedErrno);
        assertFalse(near.connected);
    }

    @Test
    protected void tellsBothEndsOfAnOrderlyClose() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        pair.near.stream().close();
        assertFalse(pair.near.closed, "not from within close");
        assertFalse(pair.near.stream().isOpen());
        world.until("both ends are closed", () -> pair.near.closed && pair.far.closed);
        assertEquals(0, pair.near.closedErrno);
        assertEquals(0, pair.far.closedErrno);
        assertFalse(pair.far.stream().isOpen());
        pair.near.stream().close();
        world.settle();
    }

    @Test
    protected void sendsWhatIsQueuedBeforeAClose() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        byte[] data = random(9, 40_000);
        sendAll(pair.near, data, 0, data.length);
        pair.near.stream().close();
        world.until("the far end is closed", () -> pair.far.closed);
        assertArrayEquals(data, pair.far.received.toByteArray());
        assertEquals(0, pair.far.closedErrno);
    }

    @Test
    protected void closesAtOnceWhenThePeerTakesNothing() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        pair.far.stream().pauseReceive();
        sendUntilStuck(pair.near.stream());
        pair.near.stream().close();
        world.until("the near end is closed", () -> pair.near.closed);
        assertEquals(0, pair.near.closedErrno);
    }

    @Test
    protected void offersWhatArrivedBeforeItReportsTheEnd() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        pair.far.stream().pauseReceive();
        sendAll(pair.near, new byte[] {1, 2, 3}, 0, 3);
        pair.near.stream().close();
        world.until("the near end is closed", () -> pair.near.closed);
        world.settle();
        assertFalse(pair.far.closed);
        pair.far.stream().resumeReceive();
        world.until("the far end is closed", () -> pair.far.closed);
        assertArrayEquals(new byte[] {1, 2, 3}, pair.far.received.toByteArray());
    }

    @Test
    protected void ignoresWhatIsSentOnAClosedStream() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        pair.near.stream().close();
        pair.near.stream().send(arena.allocate(100), 0, 100);
        world.until("both ends are closed", () -> pair.near.closed && pair.far.closed);
        pair.far.stream().send(arena.allocate(100), 0, 100);
        pair.far.stream().resumeReceive();
        world.settle();
        assertEquals(0, pair.far.receivedBytes());
    }

    @Test
    protected void letsAHandlerCloseItsStreamFromAnyCall() throws IOException {
        RecordingHandler closesWhenConnected =
                new RecordingHandler() {
                    @Override
                    public void onConnected(TcpStream from) {
                        super.onConnected(from);
                        from.close();
                    }
                };
        RecordingHandler closesOnData =
                new RecordingHandler() {
                    @Override
                    protected int consume(TcpStream from, MemorySegment b, long o, int length) {
                        from.close();
                        return 1;
                    }
                };
        Pair first = connect(listen(() -> closesWhenConnected), new RecordingHandler());
        world.until("the first pair is closed", () -> first.near.closed && first.far.closed);
        Pair second = connect(listen(() -> closesOnData), new RecordingHandler());
        sendAll(second.near, new byte[100], 0, 100);
        world.until("the second pair is closed", () -> second.near.closed && second.far.closed);
        assertEquals(1, closesOnData.offers);
    }

    @Test
    protected void forgetsAStreamThatIsClosedWhileItConnects() throws IOException {
        RecordingHandler near = new RecordingHandler();
        TcpStream stream = client.connect(listen().localAddress(), near);
        stream.close();
        world.until("it is closed", () -> near.closed);
        assertFalse(near.connected);
    }

    @Test
    protected void closesTheStreamsOfAnEngineThatIsClosed() throws IOException {
        Pair pair = connect(listen(), new RecordingHandler());
        client.close();
        world.until("the far end is closed", () -> pair.far.closed);
    }

    @Test
    protected void keepsAcceptedStreamsWhenTheListenerCloses() throws IOException {
        StreamListener listener = listen(Echo::new);
        Pair pair = connect(listener, new RecordingHandler());
        listener.close();
        world.settle();
        sendAll(pair.near, new byte[] {1, 2}, 0, 2);
        world.until("the echo", () -> pair.near.receivedBytes() == 2);
    }

    @Test
    protected void survivesAStormOfConnectionsThatEndAtOnce() throws IOException {
        StreamListener listener = listen(Echo::new);
        List<RecordingHandler> near = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            RecordingHandler handler =
                    new RecordingHandler() {
                        @Override
                        public void onConnected(TcpStream from) {
                            super.onConnected(from);
                            from.close();
                        }
                    };
            near.add(handler);
            client.connect(listener.localAddress(), handler);
            if (i % 100 == 0) {
                world.step();
            }
        }
        world.until("all have ended", () -> near.stream().allMatch(each -> each.closed));
        Pair later = connect(listener, new RecordingHandler());
        sendAll(later.near, new byte[] {1, 2}, 0, 2);
        world.until("the echo to a later one", () -> later.near.receivedBytes() == 2);
    }

    @Test
    protected void servesHundredsOfStreamsAtOnceAndOneAfterTheOther() throws IOException {
        StreamListener listener = listen(Echo::new);
        for (int round = 0; round < 3; round++) {
            List<RecordingHandler> near = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                RecordingHandler handler = new RecordingHandler();
                near.add(handler);
                client.connect(listener.localAddress(), handler);
            }
            world.until("all connect", () -> near.stream().allMatch(each -> each.connected));
            for (int i = 0; i < near.size(); i++) {
                sendAll(near.get(i), random(i, 5000), 0, 5000);
            }
            world.until(
                    "all echoes",
                    () -> near.stream().allMatch(each -> each.receivedBytes() == 5000));
            for (int i = 0; i < near.size(); i++) {
                assertArrayEquals(random(i, 5000), near.get(i).received.toByteArray());
                near.get(i).stream().close();
            }
            world.until(
                    "all are closed",
                    () ->
                            near.stream().allMatch(each -> each.closed)
                                    && accepted.stream().allMatch(each -> each.closed));
            accepted.clear();
        }
    }

    private StreamListener listen() throws IOException {
        return listen(RecordingHandler::new);
    }

    private StreamListener listen(Supplier<RecordingHandler> handlers) throws IOException {
        return server.listen(
                world.anyAddress(),
                stream -> {
                    RecordingHandler handler = handlers.get();
                    accepted.add(handler);
                    return handler;
                });
    }

    private Pair connect(StreamListener listener, RecordingHandler near) {
        int before = accepted.size();
        client.connect(listener.localAddress(), near);
        assertFalse(near.connected, "not from within connect");
        world.until(
                "both ends are connected",
                () -> near.connected && accepted.size() > before && accepted.getLast().connected);
        return new Pair(near, accepted.getLast());
    }

    private void sendAll(RecordingHandler from, byte[] data, int start, int length) {
        assertTrue(from.stream().sendSpace() >= length);
        MemorySegment memory = arena.allocate(length);
        MemorySegment.copy(data, start, memory, ValueLayout.JAVA_BYTE, 0, length);
        from.stream().send(memory, 0, length);
    }

    private long sendUntilStuck(TcpStream stream) {
        MemorySegment memory = arena.allocate(65_536);
        long sent = 0;
        int stuck = 0;
        while (stuck < 20) {
            if (stream.sendSpace() >= 65_536) {
                stream.send(memory, 0, 65_536);
                sent += 65_536;
                stuck = 0;
            } else {
                stuck++;
            }
            world.step();
        }
        return sent;
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private record Pair(RecordingHandler near, RecordingHandler far) {}

    /** Sends an array as fast as the stream takes it. */
    private final class Sender {
        private final TcpStream stream;
        private final MemorySegment data;
        private int sent;

        Sender(TcpStream stream, byte[] bytes) {
            this.stream = stream;
            this.data = arena.allocate(bytes.length);
            data.copyFrom(MemorySegment.ofArray(bytes));
        }

        void sendMore() {
            int length = (int) Math.min(stream.sendSpace(), data.byteSize() - sent);
            if (length > 0) {
                stream.send(data, sent, length);
                sent += length;
            }
        }
    }

    /** Takes a random part of each offer, so that every boundary is met. */
    private static final class Piecemeal extends RecordingHandler {
        private final Random random;

        Piecemeal(Random random) {
            this.random = random;
        }

        @Override
        protected int consume(TcpStream from, MemorySegment buffer, long offset, int length) {
            return length < 3 || random.nextInt(4) == 0 ? length : 1 + random.nextInt(length);
        }
    }

    /** Sends back what it can, and goes on when there is space again. */
    private static final class Echo extends RecordingHandler {
        @Override
        protected int consume(TcpStream from, MemorySegment buffer, long offset, int length) {
            int echoed = Math.min(length, from.sendSpace());
            from.send(buffer, offset, echoed);
            if (echoed < length) {
                from.pauseReceive();
            }
            return echoed;
        }

        @Override
        public void onSendSpace(TcpStream from) {
            super.onSendSpace(from);
            from.resumeReceive();
        }
    }
}
