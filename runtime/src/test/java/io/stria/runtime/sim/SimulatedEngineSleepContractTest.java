package io.stria.runtime.sim;

import io.stria.runtime.EngineSleepContract;
import io.stria.runtime.EngineWorld;

class SimulatedEngineSleepContractTest extends EngineSleepContract {
    @Override
    protected EngineWorld newWorld() {
        return new SimulatedWorld(1, true);
    }
}
