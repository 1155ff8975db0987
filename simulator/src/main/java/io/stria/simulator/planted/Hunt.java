package io.stria.simulator.planted;

import io.stria.simulator.AimedRun;
import io.stria.simulator.Trial;
import io.stria.simulator.powercut.HedgeRun;
import io.stria.simulator.powercut.MediaRun;
import io.stria.simulator.powercut.PowerCuts;
import io.stria.simulator.powercut.ReturnRun;
import io.stria.simulator.powercut.RollBackRun;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** What looks for a bug in the product that is loaded with it, by a {@link VariantLoader}. */
public final class Hunt implements LongFunction<@Nullable Throwable> {
    private static final int SMALL_BYTES = 512;

    /** A bug that needs rare states is found with the next script rather than with more of one. */
    private static final int CUTS_PER_BOUNDARY = 2;

    private final PlantedBug.Catcher catcher;

    /**
     * @param catcher name of a {@link PlantedBug.Catcher}: the type itself is another one there
     */
    public Hunt(String catcher) {
        this.catcher = PlantedBug.Catcher.valueOf(catcher);
    }

    /** What the seed has found, or null. */
    @Override
    public @Nullable Throwable apply(long seed) {
        try {
            switch (catcher) {
                case RANDOM_RUNS -> Trial.of(seed).withoutLulls().run();
                case SMALL_BLOCKS -> Trial.of(seed).withLbaBytes(SMALL_BYTES).withoutLulls().run();
                case AIMED_RUNS -> AimedRun.play(seed);
                case LATE_RETURNS -> AimedRun.playLateReturns(seed);
                case LATE_PROPOSALS -> AimedRun.playLateProposals(seed);
                case OWNER_RUNS -> MediaRun.play(seed);
                case HEDGES -> HedgeRun.play(seed);
                case RETURNS -> ReturnRun.play(seed);
                case ROLL_BACKS -> RollBackRun.play(seed);
                case POWER_CUTS -> PowerCuts.play(seed, CUTS_PER_BOUNDARY);
            }
            return null;
        } catch (AssertionError | RuntimeException found) {
            return found;
        }
    }
}
