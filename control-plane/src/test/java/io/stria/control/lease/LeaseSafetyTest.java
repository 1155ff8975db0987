package io.stria.control.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Never two owners, whatever the network, the clocks and the processes do. */
class LeaseSafetyTest {
    private static final int SEEDS = Integer.getInteger("stria.lease.seeds", 200);
    private static final long FIRST = Long.getLong("stria.lease.first", 0);
    private static final int VOLUMES = 6;

    @Test
    void noTwoNodesServeAVolumeAtOneTimeAndAllIsServedAgainWhenFaultsEnd() {
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            try {
                run(seed);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "again with -Dstria.lease.first=%d -Dstria.lease.seeds=1: %s"
                                .formatted(seed, e.getMessage()),
                        e);
            }
        }
    }

    private static void run(long seed) {
        LeaseWorld world = new LeaseWorld(seed);
        world.until(world::allOnline, 10_000);
        for (int i = 0; i < VOLUMES; i++) {
            world.create(1 + i % LeaseWorld.NODES, "v" + i);
        }
        world.until(() -> world.allServed(VOLUMES), 10_000);
        Random random = world.random;
        for (int act = 0; act < 12; act++) {
            disturb(world, random);
            world.run(200 + random.nextInt(3_000));
        }
        world.heal();
        world.machines.forEach(machine -> machine.pausedUntilNs = 0);
        world.machines.forEach(machine -> machine.applyMs = 5);
        world.machines.forEach(LeaseWorld.Machine::start);
        world.until(() -> world.allOnline() && world.allServed(VOLUMES), 30_000);
    }

    private static void disturb(LeaseWorld world, Random random) {
        LeaseWorld.Machine machine = world.machine(1 + random.nextInt(LeaseWorld.NODES));
        switch (random.nextInt(18)) {
            case 0, 1 -> {
                machine.kill();
                if (random.nextBoolean()) {
                    boolean toAll = random.nextBoolean();
                    int witness = 1 + random.nextInt(LeaseWorld.NODES);
                    world.machines.stream()
                            .filter(other -> toAll || other.id == witness)
                            .forEach(other -> other.attest(machine.id, machine.lastIncarnation()));
                }
            }
            case 2 -> world.machines.forEach(LeaseWorld.Machine::start);
            case 3 -> {
                machine.kill();
                machine.start();
            }
            case 4 -> machine.pausedUntilNs = world.nowNs + random.nextInt(5_000) * LeaseWorld.MS;
            case 5 -> partition(world, random);
            case 6 -> world.heal();
            case 7 -> {
                world.lossPercent = random.nextInt(40);
                world.slowPercent = random.nextInt(30);
            }
            case 10, 11 -> world.cutLog(machine.id);
            case 12 -> machine.standStill(random.nextInt(5_000));
            case 13 -> leader(world, machine).standStill(random.nextInt(5_000));
            case 14, 15 -> {
                LeaseWorld.Machine leader = leader(world, machine);
                leader.standStill(random.nextInt(5_000));
                world.run(400 + random.nextInt(200));
                sayStandsStill(world, random, leader);
            }
            case 16 -> sayStandsStill(world, random, leader(world, machine));
            case 17 -> sayStandsStill(world, random, machine);
            case 8 -> machine.applyMs = random.nextInt(3_000);
            default -> {
                world.machines.forEach(LeaseWorld.Machine::kill);
                world.machines.forEach(LeaseWorld.Machine::start);
            }
        }
    }

    /** To most, to some twice; it may be true, or of an earlier registration, or late. */
    private static void sayStandsStill(
            LeaseWorld world, Random random, LeaseWorld.Machine machine) {
        long said = machine.registeredAs - (random.nextInt(4) == 0 ? 1L << random.nextInt(14) : 0);
        for (int times = 0; times < 7; times++) {
            world.machine(1 + random.nextInt(LeaseWorld.NODES)).hearStandstill(machine.id, said);
            world.run(random.nextInt(10));
        }
    }

    private static LeaseWorld.Machine leader(LeaseWorld world, LeaseWorld.Machine other) {
        return world.machines.stream()
                .filter(machine -> machine.runs() && machine.leads().leads())
                .findFirst()
                .orElse(other);
    }

    /** Some nodes hear nothing of the others, or are not heard, or both. */
    private static void partition(LeaseWorld world, Random random) {
        List<Integer> side = new ArrayList<>();
        for (int node = 1; node <= LeaseWorld.NODES; node++) {
            if (random.nextInt(5) < 2) {
                side.add(node);
            }
        }
        int kind = random.nextInt(3);
        for (int inside : side) {
            for (int outside = 1; outside <= LeaseWorld.NODES; outside++) {
                if (!side.contains(outside)) {
                    if (kind != 0) {
                        world.cut(inside, outside);
                    }
                    if (kind != 1) {
                        world.cut(outside, inside);
                    }
                }
            }
        }
    }
}
