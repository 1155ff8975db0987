package io.stria.simulator;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.lease.LeaseConfig;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.volume.HedgeConfig;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.runtime.sim.SimulatedRandom;

/**
 * The cluster that is simulated: one volume on some nodes with equal disks.
 *
 * @param voters the first so many nodes take part in consensus
 * @param volumeBlocks size of the volume, in blocks of 4 KiB
 * @param lbaBytes size of the logical blocks that hosts read and write
 * @param driftPpmMax clocks run at most so many parts per million fast or slow
 */
public record ClusterConfig(
        long seed,
        int nodes,
        int disksPerNode,
        int voters,
        Scheme scheme,
        long volumeBlocks,
        int lbaBytes,
        long diskBytes,
        int driftPpmMax,
        LeaseConfig lease,
        OwnerConfig owner) {
    /** Chunks of 128 KiB. */
    public static final int PAGE_SHIFT = 8;

    static final int DISKS_PER_NODE = 2;
    private static final int VOTERS_MAX = 5;
    private static final long MIB = 1L << 20;
    private static final long MS = 1_000_000;
    private static final int SCRUBS_OFTEN_ONE_IN = 7;
    private static final long HOST_WAIT_MS = 25_000;
    private static final int IMPATIENT_ONE_IN = 3;
    private static final long IMPATIENT_MS = 700;
    private static final long SCRUB_OFTEN_MS = 3_000;
    private static final long SCRUB_SELDOM_MS = 200_000;
    private static final int TIGHT_ONE_IN = 5;

    /** A device of so many bytes has room for a page or two. */
    private static final long TIGHT_BYTES = 2_500_000;

    private static final int PAGE_BYTES = (512 << PAGE_SHIFT) + (512 << PAGE_SHIFT) / 32;

    public ClusterConfig {
        if (nodes < 1 || nodes > 200 || disksPerNode < 1 || voters < 1 || voters > nodes) {
            throw new IllegalArgumentException(
                    "%d nodes with %d disks, %d voters".formatted(nodes, disksPerNode, voters));
        }
    }

    public static ClusterConfig of(long seed, int nodes, Scheme scheme) {
        return of(seed, nodes, scheme, VolumeEntry.LBA_BYTES_DEFAULT);
    }

    public static ClusterConfig of(long seed, int nodes, Scheme scheme, int lbaBytes) {
        return new ClusterConfig(
                seed,
                nodes,
                DISKS_PER_NODE,
                Math.min(nodes, VOTERS_MAX),
                scheme,
                1500,
                lbaBytes,
                64 * MIB,
                20_000,
                LeaseConfig.standard(),
                owner(HOST_WAIT_MS, SCRUB_OFTEN_MS));
    }

    private static OwnerConfig owner(long hostWaitMs, long scrubEveryMs) {
        return new OwnerConfig(
                1500 * MS,
                hostWaitMs * MS,
                500 * MS,
                32,
                scrubEveryMs * MS,
                2,
                HedgeConfig.DEFAULT);
    }

    /**
     * The same, whose owners scrub all the time, or hardly ever, and tell hosts of an error soon,
     * or late, as the seed says.
     */
    ClusterConfig withDrawnOwner() {
        // Scrubs cost much of a run with lulls: always as often, and seven divides no other choice.
        boolean often = Math.floorMod(seed, SCRUBS_OFTEN_ONE_IN) == 0;
        boolean impatient = oneIn(IMPATIENT_ONE_IN, "host wait");
        return with(
                owner(
                        impatient ? IMPATIENT_MS : HOST_WAIT_MS,
                        often ? SCRUB_OFTEN_MS : SCRUB_SELDOM_MS));
    }

    /** Of kinds of runs that are drawn by name each meets each, whatever divides the seed. */
    private boolean oneIn(int kinds, String name) {
        return new SimulatedRandom(seed).split(name).nextInt(kinds) == 0;
    }

    /** The same, in which every node takes part in consensus. */
    ClusterConfig withAllVoting() {
        return withVoters(nodes);
    }

    /** The same, in which the first so many nodes do. */
    ClusterConfig withVoters(int first) {
        return new ClusterConfig(
                seed,
                nodes,
                disksPerNode,
                first,
                scheme,
                volumeBlocks,
                lbaBytes,
                diskBytes,
                driftPpmMax,
                lease,
                owner);
    }

    /** The same, whose hosts are told of an error after so long. */
    ClusterConfig withHostWait(long ms) {
        return with(owner(ms, SCRUB_OFTEN_MS));
    }

    private ClusterConfig with(OwnerConfig newOwner) {
        return with(newOwner, diskBytes);
    }

    /** The same, whose devices have little more room than the volume needs, as the seed says. */
    ClusterConfig withDrawnDisks() {
        return oneIn(TIGHT_ONE_IN, "tight disks") ? with(owner, TIGHT_BYTES) : this;
    }

    /** Devices are full now and then. */
    boolean isTight() {
        return diskBytes == TIGHT_BYTES;
    }

    /** Size of the next disk: of those that are tight some have too little room for their share. */
    long drawDiskBytes(SimulatedRandom random) {
        if (!isTight()) {
            return diskBytes;
        }
        long perPage = (long) scheme.dataFragments() * (512 << PAGE_SHIFT);
        long pages = (volumeBlocks * BlockDevice.BLOCK_BYTES + perPage - 1) / perPage;
        long chunks = pages * scheme.fragments() / ((long) nodes * disksPerNode);
        return diskBytes + random.between(chunks / 2, chunks + chunks / 2 + 2) * PAGE_BYTES;
    }

    private ClusterConfig with(OwnerConfig newOwner, long newDiskBytes) {
        return new ClusterConfig(
                seed,
                nodes,
                disksPerNode,
                voters,
                scheme,
                volumeBlocks,
                lbaBytes,
                newDiskBytes,
                driftPpmMax,
                lease,
                newOwner);
    }

    /** Logical blocks in one block of 4 KiB. */
    int lbasPerBlock() {
        return BlockDevice.BLOCK_BYTES / lbaBytes;
    }

    /** Logical blocks of one page of the volume. */
    int lbasPerPage() {
        return (512 << PAGE_SHIFT) / scheme.fragmentBytes() * lbasPerBlock();
    }

    /** Size of the volume, in logical blocks. */
    long volumeLbas() {
        return volumeBlocks * lbasPerBlock();
    }

    /** What a volume of this cluster promises: the most that its nodes allow. */
    Tolerance tolerance() {
        return nodes >= scheme.fragments() ? Tolerance.NODE : Tolerance.DEVICE;
    }
}
