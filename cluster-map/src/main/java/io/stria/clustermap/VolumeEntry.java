package io.stria.clustermap;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One volume and who serves it.
 *
 * @param vuid 24 bits, never reused while any chunk of it exists
 * @param id also the NGUID that hosts see
 * @param epoch 24 bits; raised by every start of an owner
 * @param owner id of the node that serves it
 * @param paths ids of the nodes that present it to hosts, owner's preferred first; the owner is one
 *     of them. One that nobody counts on any more gives way to another, which comes last
 * @param behind slots whose fragments of this volume are not known to be current, each with the map
 *     epoch at which it was last marked: they take writes, never vote, and count as lost. An
 *     acknowledged write is durable on every location whose slot is not in here. Marking a slot
 *     again renews its epoch, and only a proposal that names the present epoch of the mark takes
 *     the slot out: so a late "in sync" never undoes a newer "behind". A slot is never marked when
 *     that could leave more than two chunks of one page behind (distinct nodes behind times the
 *     most chunks of a page on one node, or simply the number of slots, at most two): such a loss
 *     makes blocks wait, and nothing is given up.
 * @param lbaBytes size of the logical blocks that hosts address: 4096, or 512, eight to a block
 * @param placing which slots its pages are on, and how far they have moved to other ones
 */
public record VolumeEntry(
        int vuid,
        UUID id,
        String name,
        String nqn,
        long sizeBytes,
        Scheme scheme,
        Tolerance tolerance,
        VolumeState state,
        int epoch,
        int owner,
        List<Integer> paths,
        SortedMap<Integer, Long> behind,
        int lbaBytes,
        Placing placing) {
    public static final int VUID_MAX = (1 << 24) - 1;
    public static final int EPOCH_MAX = (1 << 24) - 1;
    public static final int NAME_BYTES_MAX = 255;

    /** Width of an address of a volume's fragments on devices, in units of 512 bytes. */
    public static final int ADDRESS_BITS = 39;

    /** Logical blocks as volumes have them if nobody asks for others. */
    public static final int LBA_BYTES_DEFAULT = 4096;

    /** The smaller ones, for hosts that know no others. */
    public static final int LBA_BYTES_SMALL = 512;

    /** NVMe's own limit. */
    public static final int NQN_BYTES_MAX = 223;

    public VolumeEntry {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(tolerance, "tolerance");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(placing, "placing");
        Checks.range("VUID", vuid, 0, VUID_MAX);
        Checks.text("name of volume " + vuid, name, 1, NAME_BYTES_MAX);
        Checks.text("NQN of volume " + name, nqn, 1, NQN_BYTES_MAX);
        Checks.range("size of volume " + name, sizeBytes, 1, Long.MAX_VALUE);
        Checks.range("epoch of volume " + name, epoch, 0, EPOCH_MAX);
        if (!isLbaSize(lbaBytes)) {
            throw new IllegalArgumentException(
                    "volume %s has logical blocks of %d bytes, which are neither %d nor %d"
                            .formatted(name, lbaBytes, LBA_BYTES_DEFAULT, LBA_BYTES_SMALL));
        }
        paths = List.copyOf(paths);
        // Through the wider type, so that the order is that of the numbers whatever the caller's
        // comparator was.
        behind = Collections.unmodifiableSortedMap(new TreeMap<>((Map<Integer, Long>) behind));
        for (long mark : behind.values()) {
            Checks.range("mark of a slot behind of volume " + name, mark, 0, Long.MAX_VALUE);
        }
        if (Set.copyOf(paths).size() != paths.size()) {
            throw new IllegalArgumentException(
                    "volume " + name + " lists a node twice in its paths " + paths);
        }
        if (!paths.contains(owner)) {
            throw new IllegalArgumentException(
                    "volume %s is owned by node %d, which is not one of its paths %s"
                            .formatted(name, owner, paths));
        }
    }

    /** Placed on whatever the map lists that it is put into. */
    public VolumeEntry(
            int vuid,
            UUID id,
            String name,
            String nqn,
            long sizeBytes,
            Scheme scheme,
            Tolerance tolerance,
            VolumeState state,
            int epoch,
            int owner,
            List<Integer> paths,
            SortedMap<Integer, Long> behind,
            int lbaBytes) {
        this(
                vuid,
                id,
                name,
                nqn,
                sizeBytes,
                scheme,
                tolerance,
                state,
                epoch,
                owner,
                paths,
                behind,
                lbaBytes,
                Placing.AS_LISTED);
    }

    /** The same with logical blocks of the default size. */
    public VolumeEntry(
            int vuid,
            UUID id,
            String name,
            String nqn,
            long sizeBytes,
            Scheme scheme,
            Tolerance tolerance,
            VolumeState state,
            int epoch,
            int owner,
            List<Integer> paths,
            SortedMap<Integer, Long> behind) {
        this(
                vuid,
                id,
                name,
                nqn,
                sizeBytes,
                scheme,
                tolerance,
                state,
                epoch,
                owner,
                paths,
                behind,
                LBA_BYTES_DEFAULT);
    }

    public static boolean isLbaSize(int bytes) {
        return bytes == LBA_BYTES_DEFAULT || bytes == LBA_BYTES_SMALL;
    }

    /**
     * The largest size, in bytes, whose fragments all have an address: of each page's n+2 chunks,
     * which are addressed one after the other, n hold data.
     */
    public static long sizeBytesMax(Scheme scheme, int pageShift) {
        long pagesMax = (1L << ADDRESS_BITS - pageShift) / scheme.fragments();
        return pagesMax * pageBytes(scheme, pageShift);
    }

    private static long pageBytes(Scheme scheme, int pageShift) {
        return (long) scheme.dataFragments() * 512 << pageShift;
    }

    /** Pages of the volume, the last one perhaps in part, in a cluster of this page size. */
    public long pages(int pageShift) {
        return (sizeBytes - 1) / pageBytes(scheme, pageShift) + 1;
    }

    public VolumeEntry withState(VolumeState newState) {
        return with(newState, epoch, owner, paths, behind, placing);
    }

    /** A new start of an owner: the volume's epoch goes up by one. */
    public VolumeEntry withOwner(int newOwner) {
        return withOwner(newOwner, paths);
    }

    /** The same on a node that perhaps becomes a path only now. */
    public VolumeEntry withOwner(int newOwner, List<Integer> newPaths) {
        return with(state, epoch + 1, newOwner, newPaths, behind, placing);
    }

    public VolumeEntry withPaths(List<Integer> newPaths) {
        return with(state, epoch, owner, newPaths, behind, placing);
    }

    public VolumeEntry withBehind(SortedMap<Integer, Long> newBehind) {
        return with(state, epoch, owner, paths, newBehind, placing);
    }

    public VolumeEntry withPlacing(Placing newPlacing) {
        return with(state, epoch, owner, paths, behind, newPlacing);
    }

    private VolumeEntry with(
            VolumeState newState,
            int newEpoch,
            int newOwner,
            List<Integer> newPaths,
            SortedMap<Integer, Long> newBehind,
            Placing newPlacing) {
        return new VolumeEntry(
                vuid,
                id,
                name,
                nqn,
                sizeBytes,
                scheme,
                tolerance,
                newState,
                newEpoch,
                newOwner,
                newPaths,
                newBehind,
                lbaBytes,
                newPlacing);
    }
}
