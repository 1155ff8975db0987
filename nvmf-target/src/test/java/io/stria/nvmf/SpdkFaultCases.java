package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import io.stria.runtime.BufferPool;
import io.stria.runtime.Memory;
import io.stria.runtime.kernel.KernelWorld;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkDma;
import io.stria.runtime.spdk.SpdkEngine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices through SPDK that fail, hang and vanish. Started by {@link SpdkTest}. */
final class SpdkFaultCases {
    private static final int BLOCKS = 4096;
    private static final int BLOCK_BYTES = 4096;
    private static final int EIO = 5;

    private final Map<Long, Integer> results = new HashMap<>();
    private final Arena arena = Arena.ofConfined();
    private KernelWorld world;
    private SpdkEngine engine;
    private LoopbackTarget target;
    private long nextToken;

    @BeforeEach
    void makeWorld() throws IOException {
        SpdkCases.startEnvironment();
        world =
                new KernelWorld(
                        Path.of(""),
                        memory ->
                                new SpdkEngine(
                                        new NioEngine(NioConfig.DEFAULT, memory),
                                        SpdkCases.Configs.HASTY));
        engine = (SpdkEngine) world.newEngine();
        target = new LoopbackTarget(BLOCKS, BLOCK_BYTES);
    }

    @AfterEach
    void closeWorld() {
        world.close();
        target.close();
        arena.close();
    }

    private BlockFile open() throws IOException {
        return engine.open(SpdkAddress.parse(target.spdkAddress()), BLOCK_BYTES);
    }

    @Test
    void aCommandThatDoesNotEndResetsTheDeviceAndWhatFollowsIsServed() throws IOException {
        BlockFile file = open();
        target.run(target.device()::hold);
        long stuck = write(file, 0, 1);
        assertEquals(-EIO, result(stuck));
        long waits = write(file, 1, 2);
        target.run(target.device()::letGo);
        assertEquals(BLOCK_BYTES, result(waits));
        assertArrayEquals(pattern(2), read(file, 1));
    }

    @Test
    void aConnectionThatBreaksEndsWhatWasUnderWayAndComesBack() throws IOException {
        BlockFile file = open();
        target.run(target.device()::hold);
        long broken = write(file, 0, 1);
        world.settle();
        target.vanish();
        assertEquals(-EIO, result(broken));
        target.run(target.device()::letGo);
        target.appear();
        assertEquals(BLOCK_BYTES, result(write(file, 5, 3)));
        assertArrayEquals(pattern(3), read(file, 5));
    }

    @Test
    void anIdleDeviceThatComesBackIsServedWithoutAnError() throws IOException {
        BlockFile file = open();
        assertEquals(BLOCK_BYTES, result(write(file, 7, 4)));
        comeAndGo();
        assertArrayEquals(pattern(4), read(file, 7));
    }

    /** A store would take its error for that of its blocks: the device reads well again by then. */
    @Test
    void aReadThatAResetEndsIsSentAgain() throws IOException {
        BlockFile file = open();
        assertEquals(BLOCK_BYTES, result(write(file, 3, 5)));
        target.run(target.device()::hold);
        MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        long token = nextToken++;
        file.read(3L * BLOCK_BYTES, memory, 0, BLOCK_BYTES, results::put, token);
        world.settle();
        target.vanish();
        target.run(target.device()::letGo);
        for (int i = 0; i < 200; i++) {
            world.step();
        }
        target.appear();
        assertEquals(BLOCK_BYTES, result(token));
        assertArrayEquals(pattern(5), memory.toArray(ValueLayout.JAVA_BYTE));
    }

    /** What it had in a volatile cache may have gone. */
    @Test
    void noFlushAfterAResetAnswersForWritesBeforeIt() throws IOException {
        BlockFile file = open();
        assertEquals(BLOCK_BYTES, result(write(file, 3, 5, false)));
        comeAndGo();
        assertEquals(-EIO, flush(file));
        assertEquals(-EIO, flush(file), "for good");
    }

    @Test
    void aFlushAfterAResetSucceedsWhereNothingHadToBeFlushed() throws IOException {
        BlockFile file = open();
        assertEquals(BLOCK_BYTES, result(write(file, 3, 5, false)));
        assertEquals(0, flush(file));
        assertEquals(BLOCK_BYTES, result(write(file, 4, 6, true)));
        comeAndGo();
        assertEquals(0, flush(file));
    }

    private void comeAndGo() {
        target.vanish();
        for (int i = 0; i < 200; i++) {
            world.step();
        }
        target.appear();
    }

    private int flush(BlockFile file) {
        long token = nextToken++;
        file.flush(results::put, token);
        return result(token);
    }

    @Test
    void aDeviceThatStaysAwayIsGoneForGoodAndSaysSoAtOnce() throws IOException {
        BlockFile file = open();
        target.vanish();
        assertEquals(-EIO, result(write(file, 0, 1)));
        world.until(
                "it is given up",
                () -> {
                    long begunNs = System.nanoTime();
                    int answer = result(write(file, 0, 1));
                    return answer == -EIO && System.nanoTime() - begunNs < 100_000_000;
                });
        target.appear();
        assertEquals(-EIO, result(write(file, 0, 1)), "for good");
        file.close();
    }

    @Test
    void anotherNamespaceInItsPlaceIsNotTakenForIt() throws IOException {
        BlockFile file = open();
        target.vanish();
        target.appearAsAnother();
        assertEquals(-EIO, result(write(file, 0, 1)));
        assertEquals(-EIO, result(write(file, 0, 1)));
    }

    @Test
    void anErrorOfTheDeviceIsTheCommandsOwn() throws IOException {
        BlockFile file = open();
        target.run(() -> target.device().answer(IoStatus.MEDIA_ERROR));
        assertEquals(-EIO, result(write(file, 0, 1)));
        target.run(() -> target.device().answer(IoStatus.OK));
        assertEquals(BLOCK_BYTES, result(write(file, 0, 2)));
        assertArrayEquals(pattern(2), read(file, 0));
    }

    @Test
    void discardedBlocksReadAsZeros() throws IOException {
        BlockFile file = open();
        assertEquals(BLOCK_BYTES, result(write(file, 9, 5)));
        long token = nextToken++;
        file.discard(9L * BLOCK_BYTES, BLOCK_BYTES, results::put, token);
        assertEquals(0, result(token));
        assertArrayEquals(new byte[BLOCK_BYTES], read(file, 9));
        assertTrue(target.device().log.contains("UNMAP 9+1"), target.device().log::toString);
    }

    @Test
    void everythingInFlightEndsBeforeTheEngineHasClosed() throws IOException {
        BlockFile file = open();
        target.run(target.device()::hold);
        for (int i = 0; i < 100; i++) {
            write(file, i, i);
        }
        world.step();
        engine.close();
        assertEquals(Map.of(), results, "nobody is told");
    }

    @Test
    void buffersOfSpdksOwnMemoryGoToTheDeviceAsTheyAre() throws IOException {
        SpdkDma dma = new SpdkDma();
        Memory memory = new Memory(dma);
        SpdkEngine direct =
                new SpdkEngine(
                        new NioEngine(NioConfig.DEFAULT, new Memory()),
                        SpdkCases.Configs.BOUNCING,
                        dma);
        BlockFile file = direct.open(SpdkAddress.parse(target.spdkAddress()), BLOCK_BYTES);
        BufferPool pool = new BufferPool(memory, "pool", 1 << 20, 2);
        MemorySegment written = pool.acquire();
        MemorySegment read = pool.acquire();
        written.copyFrom(MemorySegment.ofArray(World.pattern(6, 1 << 20)));
        int[] answers = {0, 0};
        file.write(0, written, 0, 1 << 20, true, (token, result) -> answers[0] = result, 0);
        while (answers[0] == 0) {
            direct.poll();
        }
        file.read(0, read, 0, 1 << 20, (token, result) -> answers[1] = result, 0);
        while (answers[1] == 0) {
            direct.poll();
        }
        assertEquals(1 << 20, answers[0]);
        assertEquals(1 << 20, answers[1]);
        assertEquals(-1, read.mismatch(written));
        pool.release(written);
        pool.release(read);
        pool.close();
        direct.close();
        assertEquals(Map.of(), memory.outstandingBytes());
    }

    @Test
    void whatCannotBeOpenedIsRefusedInBoundedTime() throws IOException {
        String there = target.spdkAddress();
        assertRefused("no such namespace", there.replace("ns:1", "ns:2"));
        assertRefused("cannot connect", there.replace("loopback", "elsewhere"));
        target.vanish();
        assertRefused("cannot connect", there);
        target.appear();
        assertThrows(
                IOException.class,
                () -> engine.open(SpdkAddress.parse(target.spdkAddress()), 512),
                "blocks smaller than the namespace's");
    }

    private void assertRefused(String word, String address) {
        long begunNs = System.nanoTime();
        IOException refusal =
                assertThrows(
                        IOException.class,
                        () -> engine.open(SpdkAddress.parse(address), BLOCK_BYTES));
        assertTrue(String.valueOf(refusal.getMessage()).contains(word), refusal::toString);
        assertTrue(System.nanoTime() - begunNs < 20_000_000_000L, "in bounded time");
    }

    private long write(BlockFile file, long block, int seed) {
        return write(file, block, seed, true);
    }

    private long write(BlockFile file, long block, int seed, boolean durable) {
        MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        memory.copyFrom(MemorySegment.ofArray(pattern(seed)));
        long token = nextToken++;
        file.write(block * BLOCK_BYTES, memory, 0, BLOCK_BYTES, durable, results::put, token);
        return token;
    }

    private byte[] read(BlockFile file, long block) {
        MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        long token = nextToken++;
        file.read(block * BLOCK_BYTES, memory, 0, BLOCK_BYTES, results::put, token);
        assertEquals(BLOCK_BYTES, result(token));
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    private int result(long token) {
        world.until("operation " + token + " ends", () -> results.containsKey(token));
        return results.get(token);
    }

    private static byte[] pattern(int seed) {
        return World.pattern(seed, BLOCK_BYTES);
    }
}
