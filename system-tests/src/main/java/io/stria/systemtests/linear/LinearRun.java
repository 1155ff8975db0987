package io.stria.systemtests.linear;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hosts write and read the blocks of a cluster of real processes while {@link Faults} come over it;
 * then everything is healed, every block is read once more, and the history is written down and
 * judged. To be started by {@code system-tests/networks/run}, with the words NETWORKS DIRECTORY
 * HISTORY SECONDS SEED. Exit status 0 means that an order of all operations explains what hosts
 * saw; 1, that there is none, or that a command was answered as none may be.
 */
public final class LinearRun {
    static final int HOSTS = 8;

    /** Blocks that all hosts write, and blocks of each host that nobody else writes. */
    private static final int SHARED = 16;

    private static final int OWN = 4;
    private static final int BLOCKS = SHARED + HOSTS * OWN;

    /** Several blocks to a page, and several pages. */
    private static final long APART = 61;

    private static final int KEEP_ALIVE_MS = 1000;
    private static final int PAUSE_MS_MAX = 8;
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(90);

    private final History history = new History();
    private final Refusals refusals = new Refusals();
    private final AtomicLong values = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final long startNs = System.nanoTime();
    private final long seed;
    private final List<Host> hosts = new ArrayList<>();

    private LinearRun(long seed) {
        this.seed = seed;
    }

    public static void main(String[] arguments) throws Exception {
        NodeNetworks networks = new NodeNetworks(arguments[0]);
        Path directory = Path.of(arguments[1]);
        Path history = Path.of(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        LinearRun run = new LinearRun(Long.parseLong(arguments[4]));
        SeparateCluster cluster = SeparateCluster.start(directory, networks, run::say);
        run.say("the cluster is ready");
        boolean sound;
        try {
            run.load(cluster, seconds);
        } finally {
            run.history.write(history);
            sound = run.judge();
        }
        System.exit(sound ? 0 : 1);
    }

    private void load(SeparateCluster cluster, int seconds) throws Exception {
        String nqn = cluster.nqn();
        for (int client = 0; client <= HOSTS; client++) {
            hosts.add(
                    new Host(
                            client,
                            cluster.portals(),
                            nqn,
                            history,
                            refusals,
                            values,
                            startNs,
                            KEEP_ALIVE_MS));
        }
        Faults faults = new Faults(cluster, new Random(seed), this::say);
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < HOSTS; client++) {
                int number = client;
                running.add(
                        threads.submit(() -> {
                            drive(number);
                            return true;
                        }));
            }
            try {
                awaitServed();
                long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
                while (System.nanoTime() - endNs < 0 || !faults.hadAllOfEveryRun()) {
                    long fromNs = System.nanoTime() - startNs;
                    Instant begin = Instant.now();
                    Fault fault = faults.next();
                    long toNs = System.nanoTime() - startNs;
                    new FaultStory(fault, fromNs, toNs, begin, cluster.logs().since(Instant.EPOCH))
                            .tell(history)
                            .forEach(this::say);
                }
                stopped.set(true);
                await(running);
                await(List.of(threads.submit(this::readAll)));
            } finally {
                stopped.set(true); // an interrupt ends only who waits for a path
                threads.shutdownNow();
            }
        }
        say("faults: " + faults.counts());
    }

    /** A fault before hosts have connected would be told as theirs. */
    private void awaitServed() throws TimeoutException {
        long deadlineNs = System.nanoTime() + LAST_ANSWERS.toNanos();
        while (!history.hasAllOf(HOSTS)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new TimeoutException("not every host is served");
            }
            HostPath.pause(PAUSE_MS_MAX);
        }
    }

    private static void await(List<Future<?>> running)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (Future<?> one : running) {
            one.get(LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void drive(int client) throws IOException {
        Host host = hosts.get(client);
        Random random = new Random(seed * 31 + client);
        while (!stopped.get()) {
            int own = SHARED + client * OWN + random.nextInt(OWN);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> host.writeOnce(random.nextInt(SHARED) * APART);
                case 3, 4 -> host.writeUntilAcknowledged(own * APART);
                default -> host.read(random.nextInt(BLOCKS) * APART);
            }
            HostPath.pause(random.nextInt(PAUSE_MS_MAX));
        }
    }

    private Void readAll() throws IOException {
        for (int block = 0; block < BLOCKS; block++) {
            hosts.getLast().read(block * APART);
        }
        return null;
    }

    private boolean judge() {
        List<Operation> all = history.all();
        say(
                "%d writes acknowledged, %d of unknown outcome, %d reads"
                        .formatted(
                                all.stream().filter(op -> op.write() && op.known()).count(),
                                all.stream().filter(op -> !op.known()).count(),
                                all.stream().filter(op -> !op.write()).count()));
        say(
                "%d commands without an answer; the longest operation took %d ms"
                        .formatted(
                                hosts.stream().mapToInt(Host::givenUp).sum(),
                                hosts.stream().mapToLong(Host::longestNs).max().orElse(0)
                                        / 1_000_000));
        say("answers other than success: " + refusals);
        List<String> refused = refusals.faults();
        refused.forEach(fault -> say("REFUSED: " + fault));
        List<String> faults = history.faults();
        faults.forEach(fault -> say("NOT LINEARIZABLE: " + fault));
        if (faults.isEmpty()) {
            say("linearizable: all " + BLOCKS + " blocks");
        }
        return faults.isEmpty() && refused.isEmpty();
    }

    private synchronized void say(String sentence) {
        System.out.printf(
                Locale.ROOT,
                "linear: %7.3f s  %s%n",
                (System.nanoTime() - startNs) / 1e9,
                sentence);
    }
}
