package io.stria.runtime.sim;

import io.stria.runtime.EngineFileContract;
import io.stria.runtime.EngineWorld;

class SimulatedEngineFileContractTest extends EngineFileContract {
    @Override
    protected EngineWorld newWorld() {
        return new SimulatedWorld(1, true);
    }
}
