package io.stria.node.metrics;

import io.stria.dataplane.peer.PeerCounters;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.ScrubFigures;
import io.stria.nvmf.IoCounters;
import io.stria.nvmf.TargetCounters;
import io.stria.runtime.ReactorCounters;
import java.util.Map;

/**
 * All that a data plane counts, for any thread: counters are live, the rest is as the reactor last
 * looked.
 *
 * @param reactors by name
 * @param volumes presented here, by name
 * @param caughtUpBlocks of volumes owned here, by name
 * @param movements of volumes whose chunks are on their way to other slots, by name
 * @param movedBytes of volumes owned here, by name
 * @param movementRates bytes per second that hosts leave to movements of volumes owned here, by
 *     name; 0 if they hold nothing back
 * @param scrubs of volumes owned here, by name
 * @param hedges of volumes owned here, by name
 * @param devices by id
 */
public record DataPlaneFigures(
        Map<String, ReactorCounters> reactors,
        TargetCounters target,
        PeerCounters peers,
        Map<String, IoCounters> volumes,
        Map<String, Long> caughtUpBlocks,
        Map<String, MovementFigures> movements,
        Map<String, Long> movedBytes,
        Map<String, Long> movementRates,
        Map<String, ScrubFigures> scrubs,
        Map<String, HedgeFigures> hedges,
        Map<String, DeviceFigures> devices) {}
