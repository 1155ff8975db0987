package io.stria.runtime.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Engine;
import io.stria.runtime.EngineContract;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.BlockingIo;
import io.stria.runtime.kernel.KernelContract;
import io.stria.runtime.kernel.KernelWorld;
import io.stria.runtime.kernel.SteadyStateContract;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
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

    /** More is asked of a file than it has threads, and none of it comes back. */
    @Test
    void aFileThatHangsKeepsNoOtherWaiting() throws IOException {
        CountDownLatch answers = new CountDownLatch(1);
        BlockFile.Options options = new BlockFile.Options(1 << 20, 4096, true);
        Memory memory = new Memory();
        try (Arena arena = Arena.ofConfined();
                NioEngine engine = new NioEngine(NioConfig.DEFAULT, memory)) {
            NioFile hanging = (NioFile) engine.openFile(directory.resolve("hanging"), options);
            for (int i = 0; i < 2 * NioConfig.DEFAULT.fileThreads(); i++) {
                hanging.threads().submit(new Hanging(engine, answers));
            }
            BlockFile other = engine.openFile(directory.resolve("other"), options);
            int[] result = {Integer.MIN_VALUE};
            MemorySegment block = arena.allocate(4096, 4096);
            other.read(0, block, 0, 4096, (token, bytes) -> result[0] = bytes, 0);
            long deadlineNs = System.nanoTime() + 60_000_000_000L;
            while (result[0] == Integer.MIN_VALUE && System.nanoTime() < deadlineNs) {
                engine.poll();
            }
            answers.countDown();
            while (!hanging.threads().isQuiet()) {
                engine.poll();
            }
            assertEquals(4096, result[0]);
        }
    }

    private static final class Hanging extends NioFileAccess {
        private final CountDownLatch answers;

        Hanging(NioEngine engine, CountDownLatch answers) {
            super(engine);
            this.answers = answers;
        }

        @Override
        void run(BlockingIo io) {
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        void deliver() {
            // Nobody has asked for it.
        }
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
