package io.stria.perf.load;

import java.net.InetSocketAddress;

/**
 * Where a namespace is reached.
 *
 * @param nsid of the namespace in the subsystem
 */
public record TargetAddress(InetSocketAddress address, String nqn, int nsid) {}
