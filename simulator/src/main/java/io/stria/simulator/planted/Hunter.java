package io.stria.simulator.planted;

import static java.util.Objects.requireNonNull;

import io.stria.simulator.planted.PlantedBug.Catcher;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what a bug breaks, with one seed after the other, until it is found. The seed that has
 * found it must find nothing in the product as it is: otherwise it is no bug of ours that it shows.
 * Any thread.
 */
final class Hunter {
    /** One seed of one catcher. */
    private record Play(Catcher catcher, long seed) {}

    /** Have found nothing in the product as it is; would not the next time either. */
    private final Set<Play> foundNothing = ConcurrentHashMap.newKeySet();

    Caught hunt(PlantedBug bug, long seedsMax) {
        ClassLoader loader = new VariantLoader(bug, Hunter.class.getClassLoader());
        Map<Catcher, LongFunction<@Nullable Throwable>> hunts = new EnumMap<>(Catcher.class);
        bug.catchers().forEach(catcher -> hunts.put(catcher, hunt(loader, catcher)));
        long most = 0;
        for (long seed = 1; seed <= seedsMax; seed++) {
            for (Catcher catcher : bug.catchers()) {
                if (seed > catcher.seedsMax) {
                    continue;
                }
                most = seed;
                Throwable found = requireNonNull(hunts.get(catcher)).apply(seed);
                if (found != null) {
                    requireNothingWithoutTheBug(catcher, seed);
                    return new Caught(bug, catcher, seed, found);
                }
            }
        }
        return new Caught(bug, bug.catchers().getFirst(), most, null);
    }

    private void requireNothingWithoutTheBug(Catcher catcher, long seed) {
        Play play = new Play(catcher, seed);
        if (foundNothing.contains(play)) {
            return;
        }
        Throwable found = new Hunt(catcher.name()).apply(seed);
        if (found != null) {
            throw new AssertionError(
                    "%s, seed %d: breaks a promise without any bug planted"
                            .formatted(catcher.text, seed),
                    found);
        }
        foundNothing.add(play);
    }

    /** The hunt in the product that has the bug. */
    @SuppressWarnings("unchecked")
    private static LongFunction<@Nullable Throwable> hunt(ClassLoader loader, Catcher catcher) {
        try {
            return (LongFunction<@Nullable Throwable>)
                    loader.loadClass(Hunt.class.getName())
                            .getConstructor(String.class)
                            .newInstance(catcher.name());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
