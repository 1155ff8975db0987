package io.stria.systemtests.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The judge of histories refuses what it should, and agrees with one that tries every order. */
class RegisterCheckTest {
    private static final long LBA = 7;

    private static Operation wrote(int client, long value, long startNs, long endNs) {
        return new Operation(client, true, LBA, value, startNs, endNs, true);
    }

    private static Operation mayHaveWritten(int client, long value, long startNs, long endNs) {
        return new Operation(client, true, LBA, value, startNs, endNs, false);
    }

    private static Operation read(int client, long value, long startNs, long endNs) {
        return new Operation(client, false, LBA, value, startNs, endNs, true);
    }

    private static void refuses(Operation... operations) {
        assertTrue(RegisterCheck.whyNot(List.of(operations)).isPresent());
    }

    private static void accepts(Operation... operations) {
        assertEquals(Optional.empty(), RegisterCheck.whyNot(List.of(operations)));
    }

    @Test
    void refusesAStaleRead() {
        refuses(wrote(1, 1, 0, 10), wrote(1, 2, 20, 30), read(2, 1, 40, 50));
    }

    @Test
    void refusesZerosAfterAnAcknowledgedWrite() {
        refuses(wrote(1, 1, 0, 10), read(2, 0, 20, 30));
    }

    @Test
    void refusesAValueThatIsUnread() {
        refuses(
                mayHaveWritten(1, 1, 0, 10),
                wrote(3, 2, 20, 30),
                read(2, 1, 40, 50),
                read(2, 2, 60, 70));
    }

    @Test
    void refusesWhatNobodyWrote() {
        refuses(wrote(1, 1, 0, 10), read(2, 9, 20, 30));
    }

    @Test
    void refusesAReadBeforeItsWrite() {
        refuses(read(2, 1, 0, 10), wrote(1, 1, 20, 30));
    }

    @Test
    void refusesAGivenUpWriteThatComesAfterALaterOneOfItsHost() {
        refuses(
                mayHaveWritten(1, 1, 0, 10),
                wrote(1, 2, 20, 30),
                read(2, 2, 40, 50),
                read(2, 1, 60, 70));
    }

    @Test
    void acceptsAGivenUpWriteThatComesAfterOneOfAnotherHost() {
        accepts(
                mayHaveWritten(1, 1, 0, 10),
                wrote(2, 2, 20, 30),
                read(3, 2, 40, 50),
                read(3, 1, 60, 70));
    }

    @Test
    void acceptsEitherOfTwoWritesAtOneTime() {
        accepts(wrote(1, 1, 0, 30), wrote(2, 2, 10, 20), read(3, 1, 40, 50));
        accepts(wrote(1, 1, 0, 30), wrote(2, 2, 10, 20), read(3, 2, 40, 50));
    }

    @Test
    void agreesWithAJudgeWhoTriesEveryOrder() {
        long seed = Long.getLong("stria.seed", System.nanoTime());
        Random random = new Random(seed);
        int refused = 0;
        int rounds = 20_000;
        for (int round = 0; round < rounds; round++) {
            List<Operation> history = draw(random);
            boolean sound = explains(bounded(history), new ArrayList<>(), 0);
            assertEquals(
                    sound,
                    RegisterCheck.whyNot(history).isEmpty(),
                    () -> "-Dstria.seed=" + seed + " " + history);
            refused += sound ? 0 : 1;
        }
        assertTrue(refused > rounds / 10 && refused < 9 * rounds / 10, "refused " + refused);
    }

    /** Three hosts, up to seven operations, reads of anything that anybody writes, and zeros. */
    private static List<Operation> draw(Random random) {
        List<Operation> history = new ArrayList<>();
        long[] clocks = new long[3];
        int writes = 1 + random.nextInt(3);
        for (int i = 0; i < writes + random.nextInt(5); i++) {
            int client = random.nextInt(3);
            // All times differ, so that nobody has to say what happens first at one time.
            long start = clocks[client] + random.nextInt(40) * 10L + 10;
            long end = start + random.nextInt(60) * 10L + client + 1;
            clocks[client] = end + 4;
            boolean write = i < writes;
            long value = write ? i + 1 : random.nextInt(writes + 1);
            boolean known = !write || random.nextInt(3) > 0;
            history.add(new Operation(client, write, LBA, value, start + 4L * client, end, known));
        }
        return history;
    }

    /** Writes of unknown outcome with the end that rule 10 gives them. */
    private static List<Operation> bounded(List<Operation> history) {
        List<Operation> all = new ArrayList<>();
        for (Operation operation : history) {
            long end = operation.endNs();
            if (!operation.known()) {
                end =
                        history.stream()
                                .filter(Operation::known)
                                .filter(later -> later.client() == operation.client())
                                .filter(later -> later.startNs() >= operation.endNs())
                                .mapToLong(Operation::endNs)
                                .min()
                                .orElse(Long.MAX_VALUE);
            }
            all.add(
                    new Operation(
                            operation.client(),
                            operation.write(),
                            LBA,
                            operation.value(),
                            operation.startNs(),
                            end,
                            operation.known()));
        }
        return all;
    }

    /** Whether some order of what is left, after what is done, explains all reads. */
    private static boolean explains(List<Operation> left, List<Operation> done, long value) {
        if (left.stream().noneMatch(Operation::known)) {
            return true;
        }
        for (Operation next : left) {
            boolean first =
                    left.stream()
                            .filter(other -> other != next)
                            // One that need not have happened holds nobody back.
                            .filter(Operation::known)
                            .noneMatch(other -> other.endNs() < next.startNs());
            boolean fits = next.write() || next.value() == value;
            if (!first || !fits || !next.known() && isTooLate(next, done)) {
                continue;
            }
            List<Operation> rest = new ArrayList<>(left);
            rest.remove(next);
            List<Operation> more = new ArrayList<>(done);
            more.add(next);
            if (explains(rest, more, next.write() ? next.value() : value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTooLate(Operation next, List<Operation> done) {
        return done.stream().anyMatch(before -> before.startNs() > next.endNs());
    }
}
