package io.stria.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Where the engine contract runs: a kernel or a simulation. It makes engines that reach each other,
 * and lets their time go on.
 */
public interface EngineWorld extends AutoCloseable {
    /** One more engine; {@link #close} closes it. */
    Engine newEngine() throws IOException;

    /** A path at which there is no file yet. Two calls with one name give the same path. */
    Path path(String name);

    /** An address to listen on, with port 0. */
    InetSocketAddress anyAddress();

    /** Polls every engine once, and lets time go on when there was nothing to do. */
    void step();

    /** Whether steps have gone on for longer than any honest condition takes. */
    boolean isOverdue();

    /** Closes all engines. */
    @Override
    void close();

    /** Steps until the condition holds, or fails with {@code what}. */
    default void until(String what, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (isOverdue()) {
                throw new AssertionError("did not come about: " + what);
            }
            step();
        }
    }

    /** Gives a thing that should not happen the chance to happen. */
    default void settle() {
        for (int i = 0; i < 20; i++) {
            step();
        }
    }
}
