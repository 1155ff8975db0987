package io.stria.dataplane.volume;

import java.util.SortedSet;
import java.util.UUID;

/**
 * What an owner, or the node it is on, asks of the control plane. Calls return at once; what was
 * decided arrives as a new cluster map. A proposal may get lost, and ends with the node's lease:
 * the owner repeats it until the map shows it. Each is refused unless the epoch is the volume's
 * current one.
 */
public interface MapProposals {
    /** The slot misses, or may miss, writes that the owner wants to acknowledge. */
    void markBehind(int vuid, int epoch, int slot, String reason);

    /**
     * The slot holds every acknowledged write again; refused unless the mark is still the one made
     * at {@code markEpoch}.
     */
    void markInSync(int vuid, int epoch, int slot, long markEpoch);

    /**
     * Pages from {@code from} to before {@code to} have moved, but for chunks on the slots {@code
     * without}, which are behind; refused unless the movement is the one that began at map epoch
     * {@code since}, and the cursor at {@code from}.
     */
    void movePages(int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without);

    /** A device of this node takes no writes any more. */
    void deviceDown(UUID deviceId, String reason);

    /**
     * The owner has no way to as many stores as writes need, and has had none for a while; said
     * again while it is so. Others that present the volume are asked whether they have one.
     */
    void cutOff(int vuid, int epoch);

    /** This node reaches all stores that the owner of that epoch, another node, does not. */
    void takeVolume(int vuid, int epoch);

    /** The owner has finished its take-over and serves. */
    void serving(int vuid, int epoch);
}
