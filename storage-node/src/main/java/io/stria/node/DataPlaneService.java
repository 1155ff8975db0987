package io.stria.node;

import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.MapSink;
import io.stria.dataplane.volume.MapProposals;
import java.io.IOException;
import java.util.Map;

/**
 * The data plane of a node as the rest of the node sees it. Every method may be called by any
 * thread but the reactors' own.
 */
public interface DataPlaneService extends MapSink, LeaseSink, AutoCloseable {
    /** Makes a data plane, which does nothing before {@link DataPlaneService#start}. */
    @FunctionalInterface
    interface Factory {
        DataPlaneService create(NodeConfig config, MapProposals proposals);
    }

    /**
     * Takes the devices' locks, opens them and listens; returns when hosts and peers can connect.
     *
     * @throws IOException with one sentence for a person: a device that is locked, foreign or of
     *     another format, a port in use, what the kernel refuses
     */
    void start() throws IOException;

    /** What owners here are doing, for people: volume name to progress. */
    Map<String, String> progress();

    /** Serves nothing more, finishes what was accepted, and gives the devices back. */
    @Override
    void close();
}
