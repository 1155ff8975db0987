package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Ends the deletion of volumes when an epoch in which they are being deleted is in force: then
 * every node that has a lease has stopped serving them, and every other one learns of it before it
 * gets one. Nodes that are away drop what they hold when they come back, since the map does not
 * have the volume, and no VUID is given twice. So nobody has to be there for it. Part of {@link
 * Coordinator}.
 */
final class Deletions {
    private static final long PROPOSED = Long.MAX_VALUE;

    private final DecisionLog log;

    /** By VUID, the first epoch seen in this term in which it is being deleted; or PROPOSED. */
    private final Map<Integer, Long> since = new TreeMap<>();

    Deletions(DecisionLog log) {
        this.log = log;
    }

    void clear() {
        since.clear();
    }

    void onMap(ClusterMap map) {
        Set<Integer> deleting =
                map.volumes().stream()
                        .filter(volume -> volume.state() == VolumeState.DELETING)
                        .map(VolumeEntry::vuid)
                        .collect(Collectors.toSet());
        since.keySet().retainAll(deleting);
        deleting.forEach(vuid -> since.putIfAbsent(vuid, map.epoch()));
    }

    int poll(long inForceEpoch) {
        int work = 0;
        for (Map.Entry<Integer, Long> each : since.entrySet()) {
            if (each.getValue() <= inForceEpoch) {
                each.setValue(PROPOSED);
                propose(each.getKey());
                work++;
            }
        }
        return work;
    }

    private void propose(int vuid) {
        log.propose(
                new Decision.VolumeDeleted(vuid),
                new DecisionLog.Callback() {
                    @Override
                    public void decided(Result result) {
                        // The next map does not have it.
                    }

                    @Override
                    public void unknown(String why) {
                        since.replace(vuid, PROPOSED, 0L);
                    }
                });
    }
}
