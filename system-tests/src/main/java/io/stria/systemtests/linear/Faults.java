package io.stria.systemtests.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Kills, freezes and cuts off nodes of a cluster, drawn from a seed, and lets it become whole again
 * after each fault. Every kind comes once before one comes again, {@link #IN_EVERY_RUN} first.
 */
final class Faults {
    static final List<Fault> IN_EVERY_RUN =
            List.of(Fault.KILL_OWNER, Fault.FREEZE_OWNER, Fault.UNPLUG_OWNER);

    /** Longer than a lease and the time after which a silent node is replaced. */
    private static final int LASTS_MS_MIN = 3000;

    private static final int LASTS_MS_MAX = 6000;
    private static final int DOWN_MS_MAX = 2000;

    private final SeparateCluster cluster;
    private final Random random;
    private final Consumer<String> log;
    private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
    private final List<Fault> deck = new ArrayList<>();

    Faults(SeparateCluster cluster, Random random, Consumer<String> log) {
        this.cluster = cluster;
        this.random = random;
        this.log = log;
        List<Fault> others = new ArrayList<>(List.of(Fault.values()));
        others.removeAll(IN_EVERY_RUN);
        Collections.shuffle(others, random);
        deck.addAll(IN_EVERY_RUN);
        deck.addAll(others);
    }

    boolean hadAllOfEveryRun() {
        return counts.keySet().containsAll(IN_EVERY_RUN);
    }

    Map<Fault, Integer> counts() {
        return counts;
    }

    /** One fault, from its begin until the cluster is healthy again. */
    Fault next() throws InterruptedException {
        if (deck.isEmpty()) {
            deck.addAll(Arrays.asList(Fault.values()));
            Collections.shuffle(deck, random);
        }
        Fault fault = deck.removeFirst();
        int owner = cluster.owner();
        int leader = cluster.leader();
        List<Integer> others = othersThan(owner);
        int other = others.getFirst();
        log.accept("%s: owner %d, leader %d, other %d".formatted(fault, owner, leader, other));
        switch (fault) {
            case KILL_OWNER -> kill(List.of(owner));
            case KILL_TWO -> kill(List.of(owner, other));
            case FREEZE_OWNER -> freeze(List.of(owner), List.of());
            case FREEZE_OTHER -> freeze(List.of(other), List.of());
            case FREEZE_OWNER_AND_LEADER ->
                    freeze(
                            owner == leader ? List.of(owner, other) : List.of(owner, leader),
                            List.of());
            case KILL_ANOTHER_WHILE_OWNER_IS_FROZEN -> freeze(List.of(owner), List.of(other));
            case UNPLUG_OWNER -> cluster.networks.unplug(owner);
            case CUT_OWNER_FROM_PEERS -> cluster.networks.cut(List.of(owner), others);
            case MUTE_OWNER -> others.forEach(to -> cluster.networks.drop(owner, to));
            case DEAFEN_OWNER -> others.forEach(from -> cluster.networks.drop(from, owner));
            case PARTITION ->
                    cluster.networks.cut(List.of(owner, other), others.subList(1, others.size()));
        }
        if (isOfWays(fault)) {
            Thread.sleep(lasts());
            cluster.networks.heal();
        }
        log.accept("healed");
        cluster.awaitHealthy();
        counts.merge(fault, 1, Integer::sum);
        return fault;
    }

    private static boolean isOfWays(Fault fault) {
        return switch (fault) {
            case UNPLUG_OWNER, CUT_OWNER_FROM_PEERS, MUTE_OWNER, DEAFEN_OWNER, PARTITION -> true;
            default -> false;
        };
    }

    private void kill(List<Integer> nodes) throws InterruptedException {
        nodes.forEach(cluster.processes::kill);
        Thread.sleep(random.nextInt(DOWN_MS_MAX));
        nodes.forEach(cluster.processes::start);
    }

    private void freeze(List<Integer> frozen, List<Integer> killed) throws InterruptedException {
        frozen.forEach(cluster.processes::freeze);
        killed.forEach(cluster.processes::kill);
        Thread.sleep(lasts());
        frozen.forEach(cluster.processes::thaw);
        killed.forEach(cluster.processes::start);
    }

    private int lasts() {
        return random.nextInt(LASTS_MS_MIN, LASTS_MS_MAX);
    }

    private List<Integer> othersThan(int owner) {
        List<Integer> others =
                new ArrayList<>(
                        IntStream.rangeClosed(1, SeparateCluster.NODES)
                                .filter(node -> node != owner)
                                .boxed()
                                .toList());
        Collections.shuffle(others, random);
        return others;
    }
}
