package io.stria.node;

import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.MapSink;
import io.stria.dataplane.volume.MapProposals;
import io.stria.node.cluster.EngineKind;
import io.stria.node.metrics.DataPlaneFigures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The data plane of a node as the rest of the node sees it. Every method may be called by any
 * thread but the reactors' own.
 */
public interface DataPlaneService extends MapSink, LeaseSink, AutoCloseable {
    /** Makes a data plane, which does nothing before {@link DataPlaneService#start}. */
    @FunctionalInterface
    interface Factory {
        /**
         * @throws IOException when the kernel refuses what it needs, with what would allow it
         */
        DataPlaneService create(NodeConfig config, MapProposals proposals) throws IOException;
    }

    /**
     * Takes the devices' locks, opens them and listens; returns when hosts and peers can connect.
     *
     * @throws IOException with one sentence for a person: why the last of the devices is locked,
     *     foreign or of another format, or one cannot be formatted, a port in use, what the kernel
     *     refuses
     */
    void start() throws IOException;

    /** The engine that it runs on: never {@link EngineKind#AUTO}. */
    EngineKind engine();

    /** Ids of the devices that are there and sound. */
    Set<UUID> devices();

    /** How full each of them is; as last looked at, half a second ago or less. */
    List<DeviceFill> fills();

    /** The clock on which leases are counted. */
    long nowNs();

    /** Volumes served here: VUID to volume epoch; a snapshot. */
    Map<Integer, Integer> serving();

    /** What owners here are doing, for people: volume name to progress. */
    Map<String, String> progress();

    /** What it counts, for a scraper. */
    DataPlaneFigures figures();

    /** Serves nothing more, finishes what was accepted, and gives the devices back. */
    @Override
    void close();
}
