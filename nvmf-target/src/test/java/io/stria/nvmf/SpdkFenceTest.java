package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writes of a process that was killed do not land after those of the next one. Hosts are processes
 * of their own, the target is SPDK's. Skipped, with the reason, where there is no SPDK.
 */
class SpdkFenceTest {
    private static final int BLOCK = 5;
    private static final int BLOCK_BYTES = 4096;
    private static final String WRITTEN = "wrote " + BLOCK_BYTES;
    private static final UUID NODE = new UUID(7, 7);
    private static final UUID OTHER_NODE = new UUID(8, 9);
    private static final long LIMIT_NS = 60_000_000_000L;
    private static final int RESPONSE_BYTES = 24;

    /** Of tests whose target remembers reservations over a restart. */
    private static final String KEPT = "kept";

    @TempDir private Path directory;
    private final List<AutoCloseable> made = new ArrayList<>();
    private LoopbackTarget device;
    private ReservingTarget target;

    @BeforeEach
    void makeTarget(TestInfo test) throws Exception {
        SpdkFiles files = SpdkFiles.find(System.getenv());
        assumeTrue(files.refusal().isEmpty(), "no SPDK: " + files.refusal());
        Optional<String> program = ReservingTarget.program();
        assumeTrue(program.isPresent(), "no nvmf_tgt in " + SpdkFiles.HOME);
        device = keep(new LoopbackTarget(4096, BLOCK_BYTES));
        target =
                keep(
                        new ReservingTarget(
                                directory, program.get(), device, keepsReservations(test)));
    }

    private static boolean keepsReservations(TestInfo test) {
        return test.getTags().contains(KEPT);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : made.reversed()) {
            closeable.close();
        }
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        made.add(closeable);
        return closeable;
    }

    private FencedProcess start(String address, UUID node) throws IOException {
        return keep(FencedProcess.start(address, node));
    }

    private FencedProcess open(String address) throws Exception {
        FencedProcess host = start(address, NODE);
        host.expect("open");
        return host;
    }

    @Test
    void aWriteThatIsHeldUpBehindTheTargetLandsBeforeTheNextProcessBegins() throws Exception {
        killWithAWriteUnderWay(target.address());
        FencedProcess next = start(target.address(), NODE);
        assertNull(next.answerWithin(4_000), "it waits");
        device.run(device.device()::letGo);
        next.expect("open");
        write(next, 2);
        assertHolds(2);
    }

    /** Its connection has broken, so that it does not know that the write is under way. */
    @Test
    void aWriteOfAProcessThatClosesInOrderIsWaitedForToo() throws Exception {
        SlowPath path = keep(new SlowPath(target.port()));
        FencedProcess host = open(ReservingTarget.address(path.port()));
        device.run(device.device()::hold);
        host.order("write %d 1".formatted(BLOCK));
        until("it is under way", () -> device.ask(device.device()::heldCount) == 1);
        device.run(device.device()::holdNoMore);
        path.cut();
        host.expect("wrote -5");
        Thread.sleep(1_000); // until it has come back
        host.order("close");
        host.expect("closed");
        FencedProcess next = start(target.address(), NODE);
        assertNull(next.answerWithin(4_000), "it waits");
        device.run(device.device()::letGo);
        next.expect("open");
        write(next, 2);
        assertHolds(2);
    }

    /** That the others would fail without a fence. */
    @Test
    void withoutAFenceItLandsAfterwards() throws Exception {
        String address = target.address() + " fence:none";
        killWithAWriteUnderWay(address);
        FencedProcess next = open(address);
        write(next, 2);
        assertHolds(2);
        device.run(device.device()::letGo);
        until("the late write lands", () -> holds(1));
    }

    @Test
    void aWriteThatIsHeldUpInTheNetworkNeverLands() throws Exception {
        SlowPath path = keep(new SlowPath(target.port()));
        FencedProcess host = open(ReservingTarget.address(path.port()));
        path.keep();
        host.order("write %d 1".formatted(BLOCK));
        until("it is on its way", () -> path.kept() > BLOCK_BYTES);
        host.kill();
        FencedProcess next = open(target.address());
        write(next, 2);
        path.letGo();
        until("it was answered", () -> path.answered() >= RESPONSE_BYTES);
        assertHolds(2);
    }

    @Test
    void writesThatDoNotEndKeepAllLaterProcessesOut() throws Exception {
        killWithAWriteUnderWay(target.address());
        start(target.address(), NODE).expectRefusal("writes of an earlier start do not end");
        start(target.address(), NODE).expectRefusal("may still be under way");
        device.run(device.device()::letGo);
        until("the late write lands", () -> holds(1));
        start(target.address(), NODE).expectRefusal("may still be under way");
        target.restart();
        write(open(target.address()), 2);
        assertHolds(2);
    }

    @Test
    void aProcessThatWasReplacedWritesNoMore() throws Exception {
        FencedProcess first = open(target.address());
        write(first, 1);
        FencedProcess next = open(target.address());
        for (int i = 0; i < 3; i++) {
            first.order("write %d 3".formatted(BLOCK));
            first.expect("wrote -5");
        }
        write(next, 2);
        assertHolds(2);
    }

    @Test
    void otherNodesAreKeptOutUntilItHasClosed() throws Exception {
        FencedProcess host = open(target.address());
        start(target.address(), OTHER_NODE).expectRefusal("somebody else is registered");
        write(host, 1);
        host.order("close");
        host.expect("closed");
        start(target.address(), OTHER_NODE).expect("open");
    }

    @Test
    void aTargetThatHasForgottenTheReservationIsNotWrittenTo() throws Exception {
        FencedProcess host = open(target.address());
        write(host, 1);
        target.restart();
        host.order("write %d 3".formatted(BLOCK));
        host.expect("wrote -5");
        host.order("write %d 3".formatted(BLOCK));
        host.expect("wrote -5");
        assertHolds(1);
        write(open(target.address()), 2);
        assertHolds(2);
    }

    @Test
    @Tag(KEPT)
    void aTargetThatRemembersTheReservationIsWrittenToAgain() throws Exception {
        FencedProcess host = open(target.address());
        write(host, 1);
        target.restart();
        awaitWrite(host, 2);
        FencedProcess next = open(target.address());
        write(next, 3);
        host.order("write %d 4".formatted(BLOCK));
        host.expect("wrote -5");
        assertHolds(3);
    }

    @Test
    void aBrokenConnectionLosesNoReservation() throws Exception {
        SlowPath path = keep(new SlowPath(target.port()));
        FencedProcess host = open(ReservingTarget.address(path.port()));
        write(host, 1);
        path.cut();
        Thread.sleep(1_000); // until an idle device has come back
        write(host, 2);
        assertHolds(2);
    }

    @Test
    void aTargetWithoutReservationsIsRefused() throws Exception {
        start(device.spdkAddress(), NODE).expectRefusal("knows no reservations");
        open(device.spdkAddress() + " fence:none");
    }

    private void killWithAWriteUnderWay(String address) throws Exception {
        FencedProcess host = open(address);
        device.run(device.device()::hold);
        host.order("write %d 1".formatted(BLOCK));
        until("it is under way", () -> device.ask(device.device()::heldCount) == 1);
        device.run(device.device()::holdNoMore);
        host.kill();
    }

    private static void write(FencedProcess host, int seed) throws Exception {
        host.order("write %d %d".formatted(BLOCK, seed));
        host.expect(WRITTEN);
    }

    /** The first ones end with the connection that has broken. */
    private void awaitWrite(FencedProcess host, int seed) throws Exception {
        host.order("write %d %d".formatted(BLOCK, seed));
        String answer = host.answerWithin(20_000);
        if (!WRITTEN.equals(answer)) {
            write(host, seed);
        }
        assertHolds(seed);
    }

    private byte[] content() {
        return device.ask(() -> device.device().block(BLOCK));
    }

    private boolean holds(int seed) {
        return java.util.Arrays.equals(World.pattern(seed, BLOCK_BYTES), content());
    }

    private void assertHolds(int seed) {
        assertArrayEquals(World.pattern(seed, BLOCK_BYTES), content());
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadlineNs, what);
            Thread.sleep(10);
        }
    }
}
