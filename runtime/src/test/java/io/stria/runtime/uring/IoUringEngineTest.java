package io.stria.runtime.uring;

import io.stria.runtime.EngineFileContract;
import io.stria.runtime.EngineSleepContract;
import io.stria.runtime.EngineStreamContract;
import io.stria.runtime.EngineWorld;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with rings of the usual size and with ones that overflow all the time. */
class IoUringEngineTest {
    private static final UringConfig TINY = new UringConfig(4, 8, 64 << 10, 64 << 10);

    @TempDir private Path directory = Path.of("");

    @Nested
    class Files extends EngineFileContract {
        @Override
        protected EngineWorld newWorld() {
            return new UringWorld(directory, UringConfig.DEFAULT);
        }
    }

    @Nested
    class FilesOnATinyRing extends EngineFileContract {
        @Override
        protected EngineWorld newWorld() {
            return new UringWorld(directory, TINY);
        }
    }

    @Nested
    class Streams extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return new UringWorld(directory, UringConfig.DEFAULT);
        }
    }

    @Nested
    class StreamsOnATinyRing extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return new UringWorld(directory, TINY);
        }
    }

    @Nested
    class Sleep extends EngineSleepContract {
        @Override
        protected EngineWorld newWorld() {
            return new UringWorld(directory, UringConfig.DEFAULT);
        }
    }
}
