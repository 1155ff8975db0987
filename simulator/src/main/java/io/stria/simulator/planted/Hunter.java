package io.stria.simulator.planted;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Looks for what a bug breaks, with one seed after the other, until it is found. */
final class Hunter {
    private Hunter() {}

    static Caught hunt(PlantedBug bug, long seedsMax) {
        LongFunction<@Nullable Throwable> hunt = variant(bug);
        long most = Math.min(seedsMax, bug.catcher().seedsMax);
        for (long seed = 1; seed <= most; seed++) {
            Throwable found = hunt.apply(seed);
            if (found != null) {
                return new Caught(bug, seed, found);
            }
        }
        return new Caught(bug, most, null);
    }

    /** The hunt in a product that has the bug. */
    @SuppressWarnings("unchecked")
    private static LongFunction<@Nullable Throwable> variant(PlantedBug bug) {
        VariantLoader loader = new VariantLoader(bug, Hunter.class.getClassLoader());
        try {
            return (LongFunction<@Nullable Throwable>)
                    loader.loadClass(Hunt.class.getName())
                            .getConstructor(String.class)
                            .newInstance(bug.catcher().name());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(bug.name(), e);
        }
    }
}
