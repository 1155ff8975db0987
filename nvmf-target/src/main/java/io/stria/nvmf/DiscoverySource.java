package io.stria.nvmf;

import java.util.List;

/** Knows all paths to all subsystems of the cluster. Called on the target's reactor. */
public interface DiscoverySource {
    /** Another number whenever the paths of any host, or the ports, have changed. */
    long generation();

    /**
     * The paths that this host may use, in a stable order: cheap, the same list as long as they
     * have not changed. A path to another discovery service is a referral.
     */
    List<DiscoveryPath> paths(HostIdentity host);

    /** Where this very service is reached, on every node: all of them say the same. */
    default List<DiscoveryPath> ports() {
        return List.of();
    }
}
