package io.stria.simulator;

import io.stria.runtime.sim.SimulatedRandom;
import java.util.stream.Stream;

/**
 * One seed from start to scrub: hosts at work, a dozen faults, an end of all faults, and then
 * everything has to be well again within bounded time.
 */
public final class RandomRun {
    /** A movement waits for a minute for devices that are away. */
    private static final long RECOVERY_MS = 200_000;

    private static final long IO_MS = 40_000;

    /** Within this time what a read has found wrong is mended. */
    static final long MEND_MS = 300;

    /** And a pass of the owner's scrub comes to its end. */
    static final long SCRUB_MS = 60_000;

    private static final long DELETE_MS = 20_000;
    private static final int DELETE_ATTEMPTS = 10;
    private static final long GO_ON_MS = 12_000;
    private static final long FEW_WRITES = 20;
    private static final int LULL_ONE_IN = 3;
    private static final long LULL_MS = 600_000;
    private static final long LULL_PAUSE_MS = 60_000;
    private static final long MS = 1_000_000;

    private final SimulatedCluster cluster;
    private final HostLoad hosts;
    private final RandomFaults faults;
    private final Operator operator;
    private final boolean operated;
    private final long rebuildAfterSeconds;
    private boolean lulls = true;
    private final SimulatedRandom random;
    private final SimulatedRandom ending;
    private final SimulatedRandom spaces;

    public RandomRun(SimulatedCluster cluster, LoadConfig load) {
        this.cluster = cluster;
        this.hosts = new HostLoad(cluster, load);
        this.faults = new RandomFaults(cluster);
        this.operator = new Operator(cluster, faults.budget());
        this.random = cluster.simulation().random("run");
        this.ending = cluster.simulation().random("ending");
        this.spaces = cluster.simulation().random("space");
        this.operated = cluster.simulation().random("operated").nextInt(3) == 0;
        SimulatedRandom rebuilds = cluster.simulation().random("rebuilds");
        this.rebuildAfterSeconds = rebuilds.nextInt(4) == 0 ? rebuilds.between(1, 20) : 0;
    }

    public VolumeHistory history() {
        return hosts.history();
    }

    /** Hosts are always at work. */
    RandomRun withoutLulls() {
        lulls = false;
        return this;
    }

    HostLoad hosts() {
        return hosts;
    }

    public void run() {
        cluster.startAll();
        if (rebuildAfterSeconds != 0) {
            cluster.rebuildAfter(rebuildAfterSeconds);
        }
        hosts.start();
        cluster.runFor(random.between(100, 1_000));
        switch (random.nextInt(4)) {
            case 0 -> loseAtMostTwoAtOnce();
            case 1 -> whatTheClusterBears();
            default -> anything();
        }
        finish();
    }

    /** The cluster does without any two nodes, and goes on meanwhile. */
    private void loseAtMostTwoAtOnce() {
        int rounds = 1 + random.nextInt(3);
        for (int round = 0; round < rounds; round++) {
            SimulatedNode one = faults.anyNode();
            SimulatedNode other = faults.anyNode();
            faults.takeAway(one);
            cluster.runFor(random.nextBoolean() ? 0 : random.between(1, 2_000));
            if (other != one && faults.budget().bearsAnyTwo()) {
                faults.takeAway(other);
            }
            long enough = hosts.history().writes() + FEW_WRITES;
            cluster.expect(
                    () -> hosts.history().writes() >= enough,
                    GO_ON_MS,
                    () -> "writes without nodes " + one.id() + " and " + other.id());
            cluster.runFor(random.between(1, 2_000));
            boolean known =
                    Stream.of(one, other)
                            .allMatch(
                                    node -> node.isWell() || faults.budget().isKnownToBeAway(node));
            faults.end();
            makeRoom();
            if (!known) {
                cluster.runFor(FaultBudget.ECHO_MS); // else it may be marked beside the next two
            }
            cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync after two were away");
            if (cluster.config().isTight()) {
                goOn();
            }
            perhapsLull();
        }
    }

    /** Now and then the hosts have hardly anything to do for minutes, whatever is broken. */
    private void perhapsLull() {
        if (lulls && random.nextInt(LULL_ONE_IN) == 0) {
            hosts.lull(LULL_PAUSE_MS * MS);
            cluster.runFor(random.between(1_000, LULL_MS));
            hosts.start();
        }
    }

    /** Of every kind of fault as much as the cluster goes on with, and it does. */
    private void whatTheClusterBears() {
        int acts = 10 + random.nextInt(30);
        for (int i = 0; i < acts; i++) {
            faults.actWithinBudget();
            operate();
            perhapsLull();
            cluster.runFor(random.between(1, random.nextInt(3) == 0 ? 4_000 : 1_200));
            if (faults.budget().isKept()) {
                long enough = hosts.history().writes() + FEW_WRITES;
                cluster.expect(
                        () -> hosts.history().writes() >= enough,
                        GO_ON_MS,
                        () -> "writes with no more broken than the cluster bears");
            }
        }
        faults.end();
    }

    /** More than any cluster goes on with; only nothing may be lost. */
    private void anything() {
        int acts = 4 + random.nextInt(9);
        for (int i = 0; i < acts; i++) {
            faults.act();
            operate();
            perhapsLull();
            cluster.runFor(random.between(1, random.nextInt(3) == 0 ? 4_000 : 800));
        }
        faults.end();
    }

    private void operate() {
        if (operated) {
            operator.act();
        }
    }

    /** After all faults: recovery, last reads, scrub. */
    public void finish() {
        makeRoom();
        cluster.expect(this::isWellButForDamage, RECOVERY_MS, "all nodes in sync");
        if (cluster.config().isTight()) {
            goOn();
        }
        boolean waits = cluster.volume().placing().isMoving(); // for what is damaged
        if (faults.isAnyRefused() || waits || random.nextBoolean()) {
            replaceDamaged();
        }
        cluster.runFor(300);
        hosts.quiesce(IO_MS);
        discard();
        if (ending.nextBoolean()) {
            losePower();
        }
        cluster.expect(this::isWellButForDamage, RECOVERY_MS, "all nodes in sync at the end");
        cluster.runFor(500);
        hosts.readAll(IO_MS);
        if (faults.areMediaWhole()) {
            cluster.runFor(MEND_MS);
            cluster.mended().expectNone();
        }
        mendDamage();
        if (cluster.story().met().containsKey(Hardship.MOVEMENT)) {
            new OwnerScrub(cluster).run(SCRUB_MS); // what has moved may have left strays, for a day
        }
        cluster.runFor(Space.SETTLE_MS);
        Space space = new Space(cluster, faults.budget()::isDamaged);
        Scrub scrub = new Scrub(cluster);
        scrub.run(hosts.history());
        if (faults.areMediaWhole()) {
            space.expectNoneLost(scrub);
        }
        delete(space);
    }

    /**
     * Much of the volume at once, now and then, so that whole pages have to come free. Whole
     * blocks: a discard of some sectors of an empty one needs room.
     */
    private void discard() {
        long lbas = cluster.config().volumeLbas();
        int perBlock = cluster.config().lbasPerBlock();
        switch (spaces.nextInt(6)) {
            case 0 -> {
                readBeforeItGoes();
                hosts.discardAll(RECOVERY_MS);
            }
            case 1, 2 -> {
                readBeforeItGoes();
                long from = spaces.nextLong(lbas / perBlock);
                long to = spaces.between(from, lbas / perBlock);
                hosts.discard(from * perBlock, to * perBlock, RECOVERY_MS);
            }
            default -> {}
        }
    }

    /** The volume goes, perhaps while a node is away, and all of its space is free. */
    private void delete(Space space) {
        cluster.delete();
        if (spaces.nextBoolean()) {
            cluster.runFor(spaces.between(0, 40));
            faults.takeAway(faults.anyNode());
            cluster.runFor(spaces.between(0, 3_000));
            faults.end();
        }
        for (int attempt = 0; attempt < DELETE_ATTEMPTS && !isDeleted(); attempt++) {
            cluster.delete();
            cluster.run(this::isDeleted, DELETE_MS / DELETE_ATTEMPTS);
        }
        cluster.expect(
                () -> isDeleted() && cluster.allOnline() && space.notFree().isEmpty(),
                DELETE_MS,
                () -> "all space of a deleted volume is free: " + space.notFree());
    }

    private boolean isDeleted() {
        return cluster.volumeIfMade().isEmpty();
    }

    /**
     * Of no page are more than two chunks on damaged devices that were not replaced: the owner
     * finds all that is wrong there, and mends it.
     */
    private void mendDamage() {
        if (faults.isAnyRefused()) {
            replaceDamaged();
            hosts.quiesce(IO_MS);
        }
        if (faults.budget().isAnythingDamaged()) {
            cluster.expect(cluster::isWhole, RECOVERY_MS, "damaged devices in sync");
            new OwnerScrub(cluster).run(SCRUB_MS);
            hosts.readAll(IO_MS);
        }
    }

    /** What was acknowledged is read, and compared, when it has been only on media for a moment. */
    private void losePower() {
        faults.powerCutOfAll();
        cluster.expect(
                () ->
                        cluster.nodes().stream().allMatch(SimulatedNode::isWell)
                                && isWellButForDamage(),
                RECOVERY_MS,
                "all nodes in sync after power was lost");
    }

    /**
     * Devices that are full keep slots behind, and movements waiting, until there is room again:
     * hosts discard what they have.
     */
    private void makeRoom() {
        if (cluster.config().isTight()) {
            hosts.quiesce(IO_MS);
            readBeforeItGoes();
            hosts.discardAll(RECOVERY_MS);
        }
    }

    /**
     * What is about to be discarded shows first whether it was kept. Full devices can be behind in
     * so many places, beside damaged ones, that nobody has to answer.
     */
    private void readBeforeItGoes() {
        hosts.readAllInTime(RECOVERY_MS, faults.budget()::isKept);
    }

    /** What had no room is written again. */
    private void goOn() {
        long enough = hosts.history().writes() + FEW_WRITES;
        hosts.start();
        cluster.expect(
                () -> hosts.history().writes() >= enough, GO_ON_MS, "writes where there is room");
    }

    /** Damaged devices go, and new ones come: only of these is it certain what lies on them. */
    private void replaceDamaged() {
        if (!faults.budget().isAnythingDamaged()) {
            return;
        }
        faults.wipeDamaged();
        cluster.expect(
                () ->
                        cluster.volume()
                                .behind()
                                .keySet()
                                .containsAll(faults.budget().damagedSlots()),
                RECOVERY_MS,
                "slots of empty devices behind");
        faults.replaceDamaged();
        makeRoom(); // they may be too small for what was written since
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync with new devices");
        if (cluster.config().isTight()) {
            goOn();
        }
    }

    private boolean isWellButForDamage() {
        return cluster.allOnline()
                && cluster.isServed()
                && (!cluster.volume().placing().isMoving() || !cluster.volume().behind().isEmpty())
                && faults.budget().damagedSlots().containsAll(cluster.volume().behind().keySet());
    }
}
