package io.stria.runtime.sim;

import io.stria.runtime.EngineContract;
import io.stria.runtime.EngineStreamContract;
import io.stria.runtime.EngineStressContract;
import io.stria.runtime.EngineWorld;
import org.junit.jupiter.api.Nested;

/** The contract, on one host as on a kernel; streams between two hosts as well. */
class SimulatedEngineContractTest {
    @Nested
    class OnOneHost extends EngineContract {
        @Override
        protected EngineWorld newWorld() {
            return new SimulatedWorld(1, true);
        }
    }

    @Nested
    class StreamsBetweenTwoHosts extends EngineStreamContract {
        @Override
        protected EngineWorld newWorld() {
            return new SimulatedWorld(1, false);
        }
    }

    @Nested
    class StressBetweenTwoHosts extends EngineStressContract {
        @Override
        protected EngineWorld newWorld() {
            return new SimulatedWorld(1, false);
        }
    }
}
