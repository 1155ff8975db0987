package io.stria.runtime.nio;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineContract;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.Memory;
import io.stria.runtime.kernel.KernelContract;
import io.stria.runtime.kernel.KernelWorld;
import io.stria.runtime.kernel.SteadyStateContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with threads as usual, and with one that has hardly any work at hand. */
class NioEngineTest {
    private static final NioConfig TINY = new NioConfig(1, 1, 64 << 10, 64 << 10);

    @TempDir private Path directory = Path.of("");

    private EngineWorld world(NioConfig config) {
        return new KernelWorld(directory, memory -> engine(config, memory));
    }

    private static Engine engine(NioConfig config, Memory memory) throws IOException {
        return new NioEngine(config, memory);
    }

    @Nested
    class AsUsual extends EngineContract {
        @Override
        protected EngineWorld newWorld() {
            return world(NioConfig.DEFAULT);
        }
    }

    @Nested
    class WithOneThread extends EngineContract {
        @Override
        protected EngineWorld newWorld() {
            return world(TINY);
        }
    }

    @Nested
    class OnTheKernel extends KernelContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(NioConfig.DEFAULT, memory);
        }
    }

    @Nested
    class InSteadyState extends SteadyStateContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(NioConfig.DEFAULT, memory);
        }
    }
}
