package io.stria.simulator.planted;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bug, as a colleague would describe it, and what has to be changed for it.
 *
 * @param rule of docs/correctness.md
 * @param catchers what is meant to catch it; each tries a seed, then each the next one
 * @param redundant what else keeps the promise, or null
 * @param isSample whether every run of the tests plants it; those are caught soon
 */
record PlantedBug(
        String rule,
        String name,
        List<Catcher> catchers,
        boolean isSample,
        @Nullable String redundant,
        List<Change> changes) {
    /** What looks for bugs. */
    enum Catcher {
        RANDOM_RUNS("random runs", 500),

        /** With logical blocks of 512 bytes. */
        SMALL_BLOCKS("random runs, small blocks", 500),

        /** Faults that aim at who leads and who owns, see {@link AimedRun}. */
        AIMED_RUNS("aimed runs", 500),

        /** Owners that come back while they are being declared down. */
        LATE_RETURNS("late returns", 500),

        /** Stores that go when they are about to be in sync, and decisions that come late. */
        LATE_PROPOSALS("late proposals", 500),

        /** An owner on stores that forget, see {@link io.stria.simulator.powercut.MediaRun}. */
        OWNER_RUNS("owner runs", 500),

        /** An owner on stores that are slow, see {@link io.stria.simulator.powercut.HedgeRun}. */
        HEDGES("hedged reads", 500),

        /** A store that goes and comes back, see {@link io.stria.simulator.powercut.ReturnRun}. */
        RETURNS("returns", 500),

        /** A device goes back, see {@link io.stria.simulator.powercut.RollBackRun}. */
        ROLL_BACKS("roll-backs", 500),

        /** Each seed is a script with a power cut at each of its boundaries. */
        POWER_CUTS("power cuts", 20);

        final String text;

        /** A bug that takes more is not caught. */
        final long seedsMax;

        Catcher(String text, long seedsMax) {
            this.text = text;
            this.seedsMax = seedsMax;
        }
    }

    /**
     * One method that does something else.
     *
     * @param type name of the class, within {@code io.stria.}
     * @param method name, and its descriptor where there are several of that name
     */
    record Change(String type, String method, Supplier<Patch> patch) {
        String className() {
            return "io.stria." + type;
        }

        boolean isIn(String name, String descriptor) {
            return method.equals(name) || method.equals(name + descriptor);
        }
    }

    /** Breaks the rule; found by random runs of whole clusters. */
    static PlantedBug of(String rule, String name) {
        return new PlantedBug(rule, name, List.of(Catcher.RANDOM_RUNS), false, null, List.of());
    }

    PlantedBug in(String type, String method, Supplier<Patch> patch) {
        List<Change> more = new ArrayList<>(changes);
        more.add(new Change(type, method, patch));
        return new PlantedBug(rule, name, catchers, isSample, redundant, List.copyOf(more));
    }

    /** Found by something else. */
    PlantedBug by(Catcher... others) {
        return new PlantedBug(rule, name, List.of(others), isSample, redundant, changes);
    }

    PlantedBug sample() {
        return new PlantedBug(rule, name, catchers, true, redundant, changes);
    }

    /** Nothing can catch it: something else stands in for what it breaks. */
    PlantedBug redundantBecause(String reason) {
        return new PlantedBug(rule, name, catchers, isSample, reason, changes);
    }

    @Override
    public String toString() {
        return rule + " " + name;
    }
}
