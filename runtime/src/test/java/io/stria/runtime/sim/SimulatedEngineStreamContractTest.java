package io.stria.runtime.sim;

import io.stria.runtime.EngineStreamContract;
import io.stria.runtime.EngineWorld;
import org.junit.jupiter.api.Nested;

class SimulatedEngineStreamContractTest {
    @Nested
    class OnOneHost extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return new SimulatedWorld(1, true);
        }
    }

    @Nested
    class OnTwoHosts extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return new SimulatedWorld(1, false);
        }
    }
}
