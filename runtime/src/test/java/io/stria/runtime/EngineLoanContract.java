package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every engine promises about memory that is lent to a stream. An engine may copy instead, so
 * what must arrive is said for both; what must come back, for what was lent.
 */
public abstract class EngineLoanContract {
    private static final int LOAN_BYTES = 16_384;

    private final Arena arena = Arena.ofConfined();
    private final RecordingHandler near = new RecordingHandler();
    private final RecordingHandler far = new RecordingHandler();

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private EngineWorld world;

    protected abstract EngineWorld newWorld() throws IOException;

    @BeforeEach
    void connect() throws IOException {
        world = newWorld();
        StreamListener listener = world.newEngine().listen(world.anyAddress(), stream -> far);
        world.newEngine().connect(listener.localAddress(), near);
        world.until("both ends are connected", () -> near.connected && far.connected);
    }

    @AfterEach
    void closeWorld() {
        world.close();
        arena.close();
    }

    /** Memory that has come back is written to at once: nothing of that may arrive. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    protected void bytesArriveInOrderHoweverTheyAreHandedOver(int seed) {
        Random random = new Random(seed);
        Lending lending = new Lending(12, random);
        while (lending.sent.size() < 8_000_000) {
            lending.sendSome();
            if (random.nextInt(4) == 0) {
                world.step();
            }
            if (random.nextInt(200) == 0) {
                far.stream().pauseReceive();
                world.settle();
                far.stream().resumeReceive();
            }
        }
        world.until("everything arrives", () -> far.receivedBytes() == lending.sent.size());
        assertArrayEquals(lending.sent.toByteArray(), far.received.toByteArray());
        world.until("every loan is given back", () -> lending.lent == 0);
        world.until("nothing is unsent", () -> near.stream().unsent() == 0);
    }

    @Test
    protected void whatAPeerDoesNotReadComesBackWhenTheStreamIsClosed() {
        Lending lending = fillUntilStuck();
        int lent = lending.lent;
        assertTrue(near.stream().unsent() > 0);
        near.stream().close();
        assertEquals(lent, lending.lent, "not from within close");
        assertFalse(lend(lending, near.stream()), "a closed stream takes nothing");
        world.until("the stream is closed", () -> near.closed);
        assertEquals(0, lending.lent);
    }

    @Test
    protected void whatAPeerDoesNotReadComesBackWhenThatPeerEnds() {
        Lending lending = fillUntilStuck();
        far.stream().close();
        world.until("the stream is closed", () -> near.closed);
        assertEquals(0, lending.lent);
    }

    @Test
    protected void aLenderMayLendAgainAndCloseWhileItIsGivenMemoryBack() {
        TcpStream stream = near.stream();
        Lending lending = new Lending(4, new Random(1));
        lending.onBack =
                () -> {
                    lend(lending, stream);
                    if (lending.given == 100) {
                        stream.close();
                    }
                };
        boolean lends = lend(lending, stream);
        if (!lends) {
            stream.close(); // it copies: there is nothing to be given back
        }
        world.until("the stream is closed", () -> near.closed);
        assertEquals(0, lending.lent);
        assertTrue(!lends || lending.given >= 100, () -> lending.given + " loans");
    }

    private static boolean lend(Lending lending, TcpStream stream) {
        MemorySegment memory = lending.idle.poll();
        if (memory == null) {
            return false;
        }
        if (!stream.lend(memory, 0, LOAN_BYTES, lending)) {
            lending.idle.addFirst(memory);
            return false;
        }
        lending.lent++;
        return true;
    }

    private Lending fillUntilStuck() {
        far.stream().pauseReceive();
        Lending lending = new Lending(2000, new Random(5));
        for (int stuck = 0; stuck < 20; stuck++) {
            while (lending.sendSome()) {
                stuck = 0;
            }
            world.step();
        }
        return lending;
    }

    /** Sends pieces of many sizes, lent where the stream takes that, and remembers all. */
    private final class Lending implements TcpStream.Lender {
        private final Random random;
        private final ArrayDeque<MemorySegment> idle = new ArrayDeque<>();
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private Runnable onBack = () -> {};
        private int lent;
        private int given;
        private boolean inCall;

        Lending(int loans, Random random) {
            this.random = random;
            for (int i = 0; i < loans; i++) {
                idle.add(arena.allocate(LOAN_BYTES));
            }
        }

        /** Returns false if there is no space, or no memory. */
        boolean sendSome() {
            TcpStream stream = near.stream();
            int space = stream.sendSpace();
            MemorySegment memory = idle.poll();
            if (memory == null || space < LOAN_BYTES) {
                if (memory != null) {
                    idle.addFirst(memory);
                }
                return false;
            }
            byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 40 : LOAN_BYTES)];
            random.nextBytes(bytes);
            int offset = random.nextInt(LOAN_BYTES - bytes.length + 1);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
            inCall = true;
            if (random.nextInt(3) > 0 && stream.lend(memory, offset, bytes.length, this)) {
                lent++;
            } else {
                stream.send(memory, offset, bytes.length);
                idle.addLast(memory);
            }
            inCall = false;
            sent.writeBytes(bytes);
            return true;
        }

        @Override
        public void giveBack(MemorySegment memory) {
            assertFalse(inCall, "not from within a call of the lender");
            assertFalse(near.closed, "before onClosed");
            assertFalse(idle.stream().anyMatch(each -> each.equals(memory)), "once");
            memory.fill((byte) 0x5a);
            idle.addLast(memory);
            lent--;
            given++;
            assertTrue(lent >= 0);
            onBack.run();
        }
    }
}
