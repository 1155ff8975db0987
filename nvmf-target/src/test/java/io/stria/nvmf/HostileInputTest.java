package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.FabricsType;
import io.stria.nvme.PduType;
import io.stria.runtime.sim.TcpConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every field of every PDU at its limits, in every stage of a connection, with and without digests;
 * then random ones. The target says what is wrong as {@link PduJudge} says it should, keeps no
 * memory, and another host's data stays as it was.
 *
 * <p>More random ones: {@code -Dstria.hostile.cases=10000000 -Dtest=HostileInputTest}, and {@code
 * -Dstria.seed} for others.
 */
class HostileInputTest {
    private static final int RANDOM_CASES = Integer.getInteger("stria.hostile.cases", 5_000);
    private static final int CASES_PER_CHECK = 200;
    private static final long SOON_NS = 300_000;
    private static final long LATE_NS = 5_000_000_000L;

    private final World world = new World(World.FEW_BUFFERS, TcpConfig.linux());
    private final Random random = new Random(World.SEED);
    private final GoodHost good = new GoodHost(world);
    private final Map<String, HostQueue> open = new HashMap<>();
    private final Map<String, TestHost> hosts = new HashMap<>();
    private int cases;
    private int judged;

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private static String repeatWith(String what) {
        return what + "; repeat with -Dstria.seed=" + World.SEED + " -Dtest=HostileInputTest";
    }

    /** All hostile hosts go. */
    private void checkOthers(String after) {
        good.check(after);
        hosts.values().forEach(TestHost::close);
        open.values().forEach(queue -> queue.stream().close());
        hosts.clear();
        open.clear();
        world.device.log.clear();
        good.checkMemory(after);
    }

    private HostQueue reach(Stage stage, HostQueue.Style style) {
        String key = stage + " " + style;
        HostQueue queue = open.get(key);
        if (queue != null && !queue.closed) {
            return queue;
        }
        if (stage == Stage.FRESH) {
            queue = new HostQueue(world.host, world.address, style);
        } else {
            TestHost host = new TestHost(world.host, world.address, World.NQN, style);
            host.hostNqn = "nqn.bad." + stage + style.headerDigest() + style.dataDigest();
            queue = stage.reach(host);
            hosts.put(key, host);
        }
        queue.hostile = true;
        queue.answersRequests = false;
        open.put(key, queue);
        return queue;
    }

    private void drop(Stage stage, HostQueue.Style style) {
        String key = stage + " " + style;
        HostQueue queue = open.remove(key);
        TestHost host = hosts.remove(key);
        if (queue != null) {
            queue.stream().close();
        }
        if (host != null) {
            host.close();
        }
    }

    // One PDU, judged.

    private void attack(Stage stage, HostQueue.Style style, PduTemplate pdu) {
        HostQueue queue = reach(stage, style);
        boolean digests = stage != Stage.FRESH;
        boolean header = digests && style.headerDigest();
        boolean dataDigest = digests && style.dataDigest();
        HostQueue.Request transfer =
                stage == Stage.AWAITING_DATA ? queue.requests.getFirst() : null;
        byte[] wire = pdu.framed(header, dataDigest);
        PduJudge.Verdict verdict =
                new PduJudge(stage == Stage.FRESH, header, dataDigest, transfer).judge(wire);
        int answersBefore = queue.order.size();
        int requestsBefore = queue.requests.size();
        queue.send(wire);
        String what =
                "%s %s in %s %s: %s"
                        .formatted(
                                pdu.name(),
                                HexFormat.of().formatHex(pdu.header()),
                                stage,
                                style,
                                verdict);
        switch (verdict.outcome()) {
            case TERMINATED -> {
                world.simulation.runUntil(() -> queue.closed || queue.terminated != null, LATE_NS);
                assertEquals(verdict.status(), queue.terminated, () -> repeatWith(what));
                if (verdict.information() >= 0) {
                    assertEquals(
                            verdict.information(), queue.terminatedInformation, repeatWith(what));
                }
                judged++;
            }
            case CLOSED -> {
                assertTrue(
                        world.simulation.runUntil(() -> queue.closed, LATE_NS), repeatWith(what));
                judged++;
            }
            case ANSWERED -> {
                boolean mayStay = isEventRequest(pdu) || stage == Stage.FRESH;
                boolean answered =
                        world.simulation.runUntil(
                                () ->
                                        queue.closed
                                                || queue.order.size() > answersBefore
                                                || queue.requests.size() > requestsBefore,
                                mayStay ? SOON_NS : LATE_NS);
                assertTrue(answered || mayStay, () -> repeatWith(what));
                assertEquals(stage == Stage.IO && isDisconnect(pdu), queue.closed, what);
                if (pdu.isCommand()) {
                    CommandJudge judge =
                            new CommandJudge(stage, pdu.header(), pdu.carried(header, dataDigest));
                    judgeCommand(queue, judge, answersBefore, requestsBefore, what);
                }
                judged++;
            }
            case AWAITED -> {
                world.runFor(SOON_NS);
                assertFalse(queue.closed, () -> repeatWith(what));
                judged++;
            }
            case UNKNOWN -> world.runFor(SOON_NS);
        }
        boolean refused =
                verdict.outcome() == PduJudge.Outcome.ANSWERED
                        && queue.order.size() == answersBefore + 1
                        && !queue.lastAnswer().isOk();
        if (!refused || stage == Stage.AWAITING_DATA) {
            drop(stage, style);
        }
        endCase(what);
    }

    /** The capsule is as it should be; the command in it need not be. */
    private void judgeCommand(
            HostQueue queue,
            CommandJudge judge,
            int answersBefore,
            int requestsBefore,
            String what) {
        if (queue.requests.size() > requestsBefore) {
            assertTrue(judge.isFaultless(), () -> repeatWith(what + ", asked for data: " + judge));
        }
        if (queue.order.size() > answersBefore) {
            int code = queue.lastAnswer().code();
            assertTrue(
                    judge.permits(code),
                    () -> repeatWith("%s, answered %#x: %s".formatted(what, code, judge)));
        }
    }

    private void endCase(String what) {
        cases++;
        if (cases % CASES_PER_CHECK == 0) {
            checkOthers(repeatWith(what));
        }
    }

    private static boolean isEventRequest(PduTemplate pdu) {
        return pdu.isCommand() && pdu.header()[8] == AdminOpcode.ASYNC_EVENT_REQUEST;
    }

    private static boolean isDisconnect(PduTemplate pdu) {
        return pdu.header()[8] == FabricsType.OPCODE && pdu.header()[12] == FabricsType.DISCONNECT;
    }

    private static List<HostQueue.Style> styles() {
        return List.of(
                HostQueue.Style.PLAIN,
                HostQueue.Style.DIGESTS,
                new HostQueue.Style(true, false, 0, 1 << 20),
                new HostQueue.Style(false, true, 0, 1 << 20));
    }

    /** Where one digest alone is in use, only what frames a PDU differs. */
    private static List<PduTemplate.Field> fields(PduTemplate pdu, HostQueue.Style style) {
        return style.headerDigest() == style.dataDigest()
                ? pdu.fields()
                : pdu.fields().stream().filter(field -> field.offset() < 8).toList();
    }

    private List<PduTemplate> templates(Stage stage, HostQueue queue) {
        if (stage != Stage.AWAITING_DATA) {
            return PduTemplate.all();
        }
        HostQueue.Request request = queue.requests.getFirst();
        return List.of(
                PduTemplate.data(PduType.H2C_DATA, request.commandId(), request.tag(), 0, 4096),
                PduTemplate.data(
                        PduType.H2C_DATA,
                        request.commandId(),
                        request.tag(),
                        0,
                        Stage.WRITE_BYTES));
    }

    @Test
    void saysWhatIsWrongWithAnyFieldAtItsLimitsInAnyStage() {
        for (Stage stage : Stage.values()) {
            for (HostQueue.Style style : stage == Stage.FRESH ? styles().subList(0, 1) : styles()) {
                for (PduTemplate plain : templates(stage, reach(stage, style))) {
                    boolean digests = stage != Stage.FRESH;
                    PduTemplate right =
                            plain.digested(
                                    digests && style.headerDigest(), digests && style.dataDigest());
                    for (PduTemplate.Field field : fields(right, style)) {
                        for (long value : right.limits(field)) {
                            attack(stage, style, right.with(field, value));
                        }
                    }
                }
            }
        }
        int fields = cases;
        while (cases < fields + RANDOM_CASES) {
            attackAtRandom();
        }
        checkOthers(repeatWith("all"));
        assertTrue(fields > 20_000, "only " + fields + " cases");
        assertTrue(judged > fields * 99 / 100, judged + " of " + fields + " were judged");
        System.out.printf(
                "%d hostile cases, %d with one field wrong, %d of them judged%n",
                cases, fields, judged);
    }

    // Several PDUs at random.

    private void attackAtRandom() {
        Stage stage = Stage.values()[random.nextInt(Stage.values().length)];
        HostQueue.Style style = styles().get(random.nextInt(4));
        boolean digests = stage != Stage.FRESH;
        HostQueue queue = reach(stage, style);
        List<PduTemplate> all = PduTemplate.all();
        String what = "random case " + cases;
        for (int i = random.nextInt(4); i >= 0 && !queue.closed; i--) {
            PduTemplate pdu =
                    random.nextInt(3) == 0 && stage == Stage.AWAITING_DATA
                            ? templates(stage, queue).getFirst()
                            : all.get(random.nextInt(all.size()));
            pdu = pdu.digested(digests && style.headerDigest(), digests && style.dataDigest());
            for (int j = random.nextInt(4); j > 0; j--) {
                PduTemplate.Field field = pdu.fields().get(random.nextInt(pdu.fields().size()));
                List<Long> values = new ArrayList<>(pdu.limits(field));
                values.add(random.nextLong());
                values.add((long) random.nextInt(256));
                pdu = pdu.with(field, values.get(random.nextInt(values.size())));
            }
            byte[] wire =
                    pdu.framed(digests && style.headerDigest(), digests && style.dataDigest());
            if (random.nextInt(8) == 0) {
                wire[random.nextInt(wire.length)] ^= (byte) (1 << random.nextInt(8));
            }
            sendInPieces(queue, random.nextInt(16) == 0 ? cut(wire) : wire);
        }
        world.runFor(random.nextInt(300_000));
        if (random.nextInt(3) > 0) {
            drop(stage, style);
        }
        endCase(what);
    }

    private byte[] cut(byte[] wire) {
        return Arrays.copyOf(wire, 1 + random.nextInt(wire.length));
    }

    private void sendInPieces(HostQueue queue, byte[] wire) {
        int at = 0;
        while (at < wire.length && !queue.closed) {
            int now =
                    random.nextBoolean() ? wire.length : at + 1 + random.nextInt(wire.length - at);
            queue.send(Arrays.copyOfRange(wire, at, Math.min(now, wire.length)));
            at = now;
            if (random.nextInt(4) == 0) {
                world.runFor(random.nextInt(50_000));
            }
        }
    }
}
