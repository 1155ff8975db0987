package io.stria.runtime;

import java.io.IOException;
import org.junit.jupiter.api.Nested;

/** Everything that every engine promises. An engine's test says in which world that is shown. */
public abstract class EngineContract {
    protected abstract EngineWorld newWorld() throws IOException;

    @Nested
    public class Files extends EngineFileContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }

    @Nested
    public class MemoryFiles extends MemoryFileContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }

    @Nested
    public class Streams extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }

    @Nested
    public class Sleep extends EngineSleepContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }

    @Nested
    public class Loop extends EngineLoopContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }

    @Nested
    public class Stress extends EngineStressContract {
        @Override
        protected EngineWorld newWorld() throws IOException {
            return EngineContract.this.newWorld();
        }
    }
}
