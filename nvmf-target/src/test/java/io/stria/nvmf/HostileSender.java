package io.stria.nvmf;

import io.stria.nvme.PduType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Hostile hosts over real sockets, as many PDUs as asked for, spread over a time: what {@link
 * HostileInputTest} sends in simulation, to nodes that run. They leave connections half open, cut
 * PDUs off, read no answers, and come in floods; each answer to a single PDU is compared with what
 * {@link PduJudge} finds in its bytes.
 *
 * <p>Arguments: seconds, PDUs, seed, the address to come from, portals as {@link
 * HostilePortal#parse} has them.
 */
public final class HostileSender implements Runnable {
    private static final int THREADS = 8;
    private static final int LEFT_OPEN_MAX = 32;
    private static final int FLOOD = 64;
    private static final int SOON_MILLIS = 10;
    private static final int LATE_MILLIS = 10_000;
    private static final int UNREAD_BYTES = 128 * 1024;
    private static final HostQueue.Style HEADERS = new HostQueue.Style(true, false, 0, 1 << 20);

    private final InetAddress from;
    private final List<HostilePortal> portals;
    private final HostileTally tally;
    private final Random random;
    private final String hostNqn;
    private final long pdusMax;
    private final long durationNs;
    private final Deque<HostileConnection> leftOpen = new ArrayDeque<>();
    private long sent;
    private int controllerId;

    private HostileSender(
            InetAddress from,
            List<HostilePortal> portals,
            HostileTally tally,
            long seed,
            int index,
            long pdusMax,
            long durationNs) {
        this.from = from;
        this.portals = portals;
        this.tally = tally;
        this.random = new Random(seed * 1000 + index);
        this.hostNqn = "nqn.hostile." + index;
        this.pdusMax = pdusMax;
        this.durationNs = durationNs;
    }

    public static void main(String[] arguments) throws InterruptedException {
        long seconds = Long.parseLong(arguments[0]);
        long pdus = Long.parseLong(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        InetAddress from = InetAddress.ofLiteral(arguments[3]);
        List<HostilePortal> portals =
                Arrays.stream(arguments).skip(4).map(HostilePortal::parse).toList();
        HostileTally tally = new HostileTally();
        List<Thread> threads = new ArrayList<>();
        for (int index = 0; index < THREADS; index++) {
            HostileSender sender =
                    new HostileSender(
                            from,
                            portals,
                            tally,
                            seed,
                            index,
                            (pdus + THREADS - 1) / THREADS,
                            seconds * 1_000_000_000L);
            threads.add(Thread.ofPlatform().name("hostile-" + index).start(sender));
        }
        for (Thread thread : threads) {
            // One that fails is told by the JVM, and by too few PDUs.
            while (!thread.join(Duration.ofMillis(100))) {
                if (tally.pdus() > 0) {
                    System.out.println("hostile so far " + tally.pdus());
                }
            }
        }
        System.out.print(tally.report());
    }

    @Override
    public void run() {
        long startNs = System.nanoTime();
        try {
            while (sent < pdusMax) {
                attack();
                long dueNs = startNs + (long) ((double) durationNs * sent / pdusMax);
                long aheadMillis = (dueNs - System.nanoTime()) / 1_000_000;
                if (aheadMillis > 0) {
                    Thread.sleep(aheadMillis);
                }
            }
            for (HostileConnection connection : leftOpen) {
                connection.close();
            }
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void count(int pdus) {
        sent += pdus;
        tally.sent(pdus);
    }

    private void attack() {
        HostilePortal portal = portals.get(random.nextInt(portals.size()));
        Stage stage = Stage.values()[random.nextInt(portal.kind().stages())];
        HostQueue.Style style =
                List.of(HostQueue.Style.PLAIN, HostQueue.Style.DIGESTS, HEADERS)
                        .get(random.nextInt(3));
        try {
            if (random.nextInt(500) == 0) {
                flood(portal);
            }
            HostileConnection admin = open(portal);
            HostileConnection queue = stage.compareTo(Stage.IO) < 0 ? admin : open(portal);
            if (attack(admin, queue, portal, stage, style)) {
                end(queue);
                if (queue != admin) {
                    end(admin);
                }
            } else {
                leave(queue);
                leave(admin);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to " + portal, e);
        }
    }

    /** False: the connections are to stay as they are. */
    private boolean attack(
            HostileConnection admin,
            HostileConnection queue,
            HostilePortal portal,
            Stage stage,
            HostQueue.Style style)
            throws IOException {
        try {
            HostQueue.Request asked = null;
            boolean reached = stage == Stage.FRESH || reach(admin, portal, stage, style);
            if (reached && queue != admin) {
                reached = becomeIo(queue, portal, style);
            }
            if (reached && stage == Stage.AWAITING_DATA) {
                asked = queue.write(200, Stage.WRITE_BYTES);
                reached = asked != null;
            }
            if (!reached) {
                tally.answered("stage not reached, " + portal.kind() + " " + stage);
            } else if (stage == Stage.IO && random.nextInt(50) == 0) {
                readNothing(queue);
                return false;
            } else if (asked == null
                    && portal.kind() != HostilePortal.Kind.PEER
                    && random.nextInt(3) == 0) {
                attackOnce(queue, portal, stage);
            } else {
                attackAtRandom(queue, portal, asked);
            }
        } catch (SocketException e) {
            tally.answered("thrown out while it sent");
        }
        return true;
    }

    private HostileConnection open(HostilePortal portal) throws IOException {
        HostileConnection connection = new HostileConnection(from, portal.address());
        tally.connected();
        return connection;
    }

    private boolean reach(
            HostileConnection admin, HostilePortal portal, Stage stage, HostQueue.Style style)
            throws IOException {
        if (!admin.initialize(style)) {
            return false;
        }
        if (stage == Stage.INITIALIZED) {
            return true;
        }
        HostileConnection.Reply reply = admin.connect(0, 0xFFFF, portal.nqn(), hostNqn);
        if (reply == null || reply.isClosed() || reply.status() != 0) {
            return false;
        }
        controllerId = (int) reply.result() & 0xFFFF;
        return stage == Stage.CONNECTED || admin.enable();
    }

    private boolean becomeIo(HostileConnection queue, HostilePortal portal, HostQueue.Style style)
            throws IOException {
        if (!queue.initialize(style)) {
            return false;
        }
        HostileConnection.Reply reply = queue.connect(1, controllerId, portal.nqn(), hostNqn);
        return reply != null && !reply.isClosed() && reply.status() == 0;
    }

    /** One PDU, one field of it wrong, its answer judged. */
    private void attackOnce(HostileConnection queue, HostilePortal portal, Stage stage)
            throws IOException {
        PduTemplate pdu = mutated(pick(portal).digested(queue.headerDigest, queue.dataDigest), 1);
        byte[] wire = pdu.framed(queue.headerDigest, queue.dataDigest);
        PduJudge.Verdict verdict =
                new PduJudge(stage == Stage.FRESH, queue.headerDigest, queue.dataDigest, null)
                        .judge(wire);
        queue.send(wire);
        count(1);
        String what =
                "%s %s in %s at %s: %s"
                        .formatted(
                                pdu.name(),
                                HexFormat.of().formatHex(pdu.header()),
                                stage,
                                portal,
                                verdict);
        switch (verdict.outcome()) {
            case TERMINATED -> {
                HostileConnection.Reply end = awaitEnd(queue);
                tally.judged(end != null && end.fatal() == verdict.status(), what + ", " + end);
            }
            case CLOSED -> {
                HostileConnection.Reply end = awaitEnd(queue);
                tally.judged(end != null && end.isClosed(), what + ", " + end);
            }
            case ANSWERED, AWAITED, UNKNOWN -> hear(queue);
        }
    }

    /** Hears answers until the connection is terminated or closed; null if it is neither. */
    private HostileConnection.@Nullable Reply awaitEnd(HostileConnection queue) throws IOException {
        HostileConnection.Reply reply;
        do {
            reply = queue.reply(LATE_MILLIS);
            tally.answered(reply == null ? "silence" : reply.kind());
        } while (reply != null && !reply.isClosed() && reply.fatal() == null);
        return reply;
    }

    /** One to four PDUs with any fields wrong, cut off, torn or with a bit flipped. */
    private void attackAtRandom(
            HostileConnection queue, HostilePortal portal, HostQueue.@Nullable Request asked)
            throws IOException {
        for (int i = random.nextInt(4); i >= 0; i--) {
            PduTemplate right = pick(portal);
            if (asked != null && random.nextInt(3) > 0) {
                right =
                        PduTemplate.data(
                                PduType.H2C_DATA,
                                asked.commandId(),
                                asked.tag(),
                                0,
                                random.nextBoolean() ? 4096 : Stage.WRITE_BYTES);
            }
            right = right.digested(queue.headerDigest, queue.dataDigest);
            byte[] wire =
                    mutated(right, random.nextInt(4)).framed(queue.headerDigest, queue.dataDigest);
            if (random.nextInt(8) == 0) {
                wire[random.nextInt(wire.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(16) == 0) {
                wire = Arrays.copyOf(wire, 1 + random.nextInt(wire.length));
            }
            count(1);
            sendInPieces(queue, wire);
        }
        hear(queue);
    }

    private PduTemplate pick(HostilePortal portal) {
        List<PduTemplate> all = PduTemplate.all(portal.nqn());
        return all.get(random.nextInt(all.size()));
    }

    private PduTemplate mutated(PduTemplate pdu, int fields) {
        PduTemplate wrong = pdu;
        for (int i = 0; i < fields; i++) {
            PduTemplate.Field field = wrong.fields().get(random.nextInt(wrong.fields().size()));
            List<Long> values = new ArrayList<>(wrong.limits(field));
            values.add(random.nextLong());
            values.add((long) random.nextInt(256));
            wrong = wrong.with(field, values.get(random.nextInt(values.size())));
        }
        return wrong;
    }

    private void sendInPieces(HostileConnection queue, byte[] wire) throws IOException {
        int at = 0;
        while (at < wire.length) {
            int end =
                    random.nextInt(4) > 0 ? wire.length : at + 1 + random.nextInt(wire.length - at);
            queue.send(Arrays.copyOfRange(wire, at, end));
            at = end;
        }
    }

    private void hear(HostileConnection queue) throws IOException {
        HostileConnection.Reply reply = queue.reply(SOON_MILLIS);
        if (reply == null) {
            tally.answered("silence");
        }
        while (reply != null) {
            tally.answered(reply.kind());
            reply = reply.isClosed() ? null : queue.reply(SOON_MILLIS);
        }
    }

    /** Asks for far more than it takes. */
    private void readNothing(HostileConnection queue) throws IOException {
        for (int i = 0; i < 31; i++) {
            queue.sendRead(i, UNREAD_BYTES);
        }
        count(31);
        tally.answered("left unread");
    }

    /** Many at once that say nothing, and go. */
    private void flood(HostilePortal portal) throws IOException {
        List<HostileConnection> all = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            all.add(open(portal));
        }
        for (HostileConnection connection : all) {
            connection.reset();
        }
    }

    private void end(HostileConnection connection) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> leave(connection);
            case 1, 2 -> connection.reset();
            default -> connection.close();
        }
    }

    /** It stays as it is for a while. */
    private void leave(HostileConnection connection) throws IOException {
        leftOpen.add(connection);
        if (leftOpen.size() > LEFT_OPEN_MAX) {
            leftOpen.remove().reset();
        }
    }
}
