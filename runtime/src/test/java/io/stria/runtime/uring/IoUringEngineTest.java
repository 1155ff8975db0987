package io.stria.runtime.uring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineContract;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.kernel.KernelContract;
import io.stria.runtime.kernel.KernelWorld;
import io.stria.runtime.kernel.SteadyStateContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract, with rings of the usual size and with ones that overflow all the time. Skipped,
 * with the reason, where the kernel gives no ring.
 */
class IoUringEngineTest {
    private static final UringConfig TINY = new UringConfig(4, 8, 64 << 10, 64 << 10);

    @TempDir private Path directory = Path.of("");

    private EngineWorld world(UringConfig config) {
        return new KernelWorld(directory, memory -> engine(config, memory));
    }

    private static Engine engine(UringConfig config, Memory memory) throws IOException {
        String refusal = IoUring.refusal();
        assumeTrue(refusal.isEmpty(), refusal);
        return new IoUringEngine(config, memory);
    }

    @Nested
    class AsUsual extends EngineContract {
        @Override
        protected EngineWorld newWorld() {
            return world(UringConfig.DEFAULT);
        }
    }

    @Nested
    class OnATinyRing extends EngineContract {
        @Override
        protected EngineWorld newWorld() {
            return world(TINY);
        }
    }

    @Nested
    class OnTheKernel extends KernelContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(UringConfig.DEFAULT, memory);
        }
    }

    @Nested
    class InSteadyState extends SteadyStateContract {
        @Override
        protected Engine newEngine(Memory memory) throws IOException {
            return engine(UringConfig.DEFAULT, memory);
        }
    }
}
