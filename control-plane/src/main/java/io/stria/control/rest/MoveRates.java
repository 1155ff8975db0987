package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Placing;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How fast the pages of volumes move, from the maps that come by: every node can tell, without
 * asking anybody. The control thread shows it maps, and others ask it.
 */
public final class MoveRates {
    private static final long SECOND_NS = 1_000_000_000L;

    /** The rate is that of so much time. */
    static final long WINDOW_NS = 30 * SECOND_NS;

    /** Nothing is said of less. */
    static final long KNOWN_NS = 2 * SECOND_NS;

    /** The cursor of a volume when a map came. */
    private record Sample(long ns, long cursor) {}

    /** Of one movement of a volume, oldest first. */
    private record Movement(long since, Deque<Sample> samples) {}

    private final Map<Integer, Movement> movements = new HashMap<>();

    /** Remembers where the cursors are now. */
    public synchronized void onMap(ClusterMap map, long nowNs) {
        movements.keySet().removeIf(vuid -> map.volume(vuid).isEmpty());
        for (VolumeEntry volume : map.volumes()) {
            Placing placing = volume.placing();
            if (placing.isMoving()) {
                add(volume.vuid(), placing, nowNs);
            } else {
                movements.remove(volume.vuid());
            }
        }
    }

    private void add(int vuid, Placing placing, long nowNs) {
        Movement movement = movements.get(vuid);
        if (movement == null || movement.since() != placing.since()) {
            movement = new Movement(placing.since(), new ArrayDeque<>());
            movements.put(vuid, movement);
        }
        Deque<Sample> samples = movement.samples();
        if (samples.size() > 1 && samples.getLast().cursor() == placing.cursor()) {
            return;
        }
        // One a second is enough, and bounds them; the newest always counts.
        if (samples.size() > 1 && nowNs - before(samples).ns() < SECOND_NS) {
            samples.removeLast();
        }
        samples.addLast(new Sample(nowNs, placing.cursor()));
        trim(samples, nowNs);
    }

    private static Sample before(Deque<Sample> samples) {
        Sample last = samples.removeLast();
        Sample before = samples.getLast();
        samples.addLast(last);
        return before;
    }

    /** The oldest is the last one from before the window. */
    private static void trim(Deque<Sample> samples, long nowNs) {
        while (samples.size() > 2) {
            Sample oldest = samples.removeFirst();
            if (nowNs - samples.getFirst().ns() < WINDOW_NS) {
                samples.addFirst(oldest);
                return;
            }
        }
    }

    /** Pages a second that the cursor of the volume moves; empty until that is known. */
    public synchronized OptionalDouble pagesPerSecond(int vuid, long nowNs) {
        Movement movement = movements.get(vuid);
        if (movement == null || movement.samples().isEmpty()) {
            return OptionalDouble.empty();
        }
        trim(movement.samples(), nowNs);
        Sample oldest = movement.samples().getFirst();
        Sample newest = movement.samples().getLast();
        long ns = nowNs - oldest.ns();
        if (ns < KNOWN_NS) {
            return OptionalDouble.empty();
        }
        if (nowNs - newest.ns() >= WINDOW_NS) {
            return OptionalDouble.of(0);
        }
        return OptionalDouble.of((newest.cursor() - oldest.cursor()) * (double) SECOND_NS / ns);
    }
}
