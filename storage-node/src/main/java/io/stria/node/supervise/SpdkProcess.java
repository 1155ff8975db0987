package io.stria.node.supervise;

import io.stria.node.cluster.ClusterException;
import io.stria.runtime.ffm.spdk.Spdk;
import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.util.Map;

/** What the environment of a process must hold that is to use SPDK. */
public final class SpdkProcess {
    private static final String PRELOAD = "LD_PRELOAD";

    private SpdkProcess() {}

    /**
     * @param environment of the process to be started, changed in place
     * @throws ClusterException where SPDK is not on this machine
     */
    public static void prepare(Map<String, String> environment) {
        if (!environment.getOrDefault(Spdk.LIBRARY, "").isEmpty()) {
            return; // the process opens that one by itself
        }
        SpdkFiles files = SpdkFiles.find(environment);
        if (!files.refusal().isEmpty()) {
            throw new ClusterException(
                    "devices through SPDK need its libraries, and %s; stria doctor says more"
                            .formatted(files.refusal()));
        }
        String others = environment.getOrDefault(PRELOAD, "");
        environment.put(
                PRELOAD, others.isEmpty() ? files.preload() : files.preload() + ":" + others);
    }
}
