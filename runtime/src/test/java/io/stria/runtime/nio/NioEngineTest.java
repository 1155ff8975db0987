package io.stria.runtime.nio;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineFileContract;
import io.stria.runtime.EngineSleepContract;
import io.stria.runtime.EngineStreamContract;
import io.stria.runtime.EngineStressContract;
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
    class Files extends EngineFileContract {
        @Override
        protected EngineWorld newWorld() {
            return world(NioConfig.DEFAULT);
        }
    }

    @Nested
    class FilesOnOneThread extends EngineFileContract {
        @Override
        protected EngineWorld newWorld() {
            return world(TINY);
        }
    }

    @Nested
    class Streams extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return world(NioConfig.DEFAULT);
        }
    }

    @Nested
    class StreamsWithSmallBuffers extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return world(TINY);
        }
    }

    @Nested
    class Sleep extends EngineSleepContract {
        @Override
        protected EngineWorld newWorld() {
            return world(NioConfig.DEFAULT);
        }
    }

    @Nested
    class Stress extends EngineStressContract {
        @Override
        protected EngineWorld newWorld() {
            return world(NioConfig.DEFAULT);
        }
    }

    @Nested
    class StressWithSmallBuffers extends EngineStressContract {
        @Override
        protected EngineWorld newWorld() {
            return world(TINY);
        }
    }

    @Nested
    class Kernel extends KernelContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(NioConfig.DEFAULT, memory);
        }
    }

    @Nested
    class SteadyState extends SteadyStateContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(NioConfig.DEFAULT, memory);
        }
    }
}
