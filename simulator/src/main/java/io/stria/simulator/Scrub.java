package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.placement.Placement;
import io.stria.rdp.RdpCode;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Looks at all fragments of the volume behind its owner's back, at the end of a run: of each block
 * all n+2 are there, whole, of one version, and the parity is that of the data; or none has any. It
 * attaches at the next epoch, so the owner stops.
 */
final class Scrub {
    private static final long LIMIT_MS = 20_000;
    private static final int FRAGMENTS_PER_READ = 32;

    private final SimulatedCluster cluster;
    private final VolumeEntry volume;
    private final Scheme scheme;
    private final ClusterMap map;
    private final Placement moved;
    private final Placement unmoved;
    private final RdpCode code;
    private final int stride;

    /** Fragments as they were read, by page, then by chunk. */
    private final SortedMap<Long, MemorySegment[]> pages = new TreeMap<>();

    /** Chunks that hold anything, by device. */
    private final Map<UUID, Integer> live = new HashMap<>();

    private int waiting;

    Scrub(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.map = cluster.map();
        this.volume = cluster.volume();
        this.scheme = volume.scheme();
        this.moved = Placement.of(map.listing(volume.placing().to()));
        this.unmoved = Placement.of(map.listing(volume.placing().from()));
        this.code = RdpCode.of(scheme.dataFragments());
        this.stride = FragmentFormat.stride(scheme.fragmentBytes());
    }

    /** Returns how many blocks it compared that hosts have touched; it looks at the others, too. */
    long run(VolumeHistory history) {
        map.slots().stream()
                .filter(slot -> volume.placing().uses(slot.slot()))
                .forEach(this::attach);
        cluster.expect(() -> waiting == 0, LIMIT_MS, "the scrub attached everywhere");
        long blocks = cluster.config().volumeBlocks();
        for (long page = 0; page * blocksPerPage() < blocks; page++) {
            pages.put(page, read(page));
        }
        cluster.expect(() -> waiting == 0, LIMIT_MS, "the scrub's reads");
        SortedSet<Long> touched = new TreeSet<>();
        history.blocks().forEach(lba -> touched.add(lba / cluster.config().lbasPerBlock()));
        for (long block = 0; block < blocks; block++) {
            check(block, touched.contains(block));
        }
        pages.forEach(this::countLive);
        return touched.size();
    }

    /** How many chunks of the volume that hold anything are on the device. */
    int liveChunks(UUID deviceId) {
        return live.getOrDefault(deviceId, 0);
    }

    private void countLive(long page, MemorySegment[] chunks) {
        int[] at = slotsOf(page);
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            if (holdsAnything(chunks[chunk])) {
                live.merge(map.slot(at[chunk]).deviceId(), 1, Integer::sum);
            }
        }
    }

    private boolean holdsAnything(MemorySegment chunk) {
        for (int i = 0; i < blocksPerPage(); i++) {
            long metadata = (long) i * stride + scheme.fragmentBytes();
            if ((FragmentFormat.flags(chunk, metadata)
                            & (FragmentFormat.TOMBSTONE | FragmentFormat.ABSENT))
                    == 0) {
                return true;
            }
        }
        return false;
    }

    private int blocksPerPage() {
        return (512 << ClusterConfig.PAGE_SHIFT) / scheme.fragmentBytes();
    }

    private void attach(DeviceSlot slot) {
        FragmentRequest request = new FragmentRequest();
        request.op = FragmentOp.ATTACH;
        request.address = DeviceAddress.of(volume.vuid(), 0);
        submit(slot, request);
    }

    private int[] slotsOf(long page) {
        int[] at = new int[scheme.fragments()];
        (page < volume.placing().cursor() ? moved : unmoved)
                .primary(volume.vuid(), page, scheme, at);
        return at;
    }

    private MemorySegment[] read(long page) {
        int[] at = slotsOf(page);
        MemorySegment[] chunks = new MemorySegment[at.length];
        for (int chunk = 0; chunk < at.length; chunk++) {
            chunks[chunk] = Arena.ofAuto().allocate((long) blocksPerPage() * stride, 64);
            long lpa = page * scheme.fragments() + chunk;
            for (int i = 0; i < blocksPerPage(); i += FRAGMENTS_PER_READ) {
                FragmentRequest request = new FragmentRequest();
                request.op = FragmentOp.READ;
                request.address =
                        DeviceAddress.of(
                                volume.vuid(),
                                (lpa << ClusterConfig.PAGE_SHIFT)
                                        + (long) i * scheme.fragmentBytes() / 512);
                request.count = FRAGMENTS_PER_READ;
                request.buffer = chunks[chunk];
                request.bufferOffset = (long) i * stride;
                request.bufferBytes = FRAGMENTS_PER_READ * stride;
                submit(map.slot(at[chunk]), request);
            }
        }
        return chunks;
    }

    private void submit(DeviceSlot slot, FragmentRequest request) {
        NodeProcess process = cluster.processOrNull(slot.nodeId());
        if (process == null) {
            throw new AssertionError("node " + slot.nodeId() + " is down when the scrub begins");
        }
        waiting++;
        request.epoch = volume.epoch() + 1;
        request.fragmentBytes = scheme.fragmentBytes();
        request.association = RuleWatch.NO_OWNER;
        request.completion =
                (completed, status, result) -> {
                    waiting--;
                    if (status != IoStatus.OK) {
                        throw new AssertionError(
                                "scrub: %s of slot %d ended with %s"
                                        .formatted(completed.op, slot.slot(), status));
                    }
                };
        process.execute(() -> process.store(slot.deviceId()).submit(request));
    }

    private void check(long block, boolean mayHoldData) {
        MemorySegment[] chunks = Objects.requireNonNull(pages.get(block / blocksPerPage()));
        long offset = block % blocksPerPage() * stride;
        long metadata = offset + scheme.fragmentBytes();
        Map<Long, Integer> versions = new HashMap<>();
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            int flags = FragmentFormat.flags(chunks[chunk], metadata);
            boolean empty = (flags & (FragmentFormat.TOMBSTONE | FragmentFormat.ABSENT)) != 0;
            long version = empty ? Version.NONE : FragmentFormat.version(chunks[chunk], metadata);
            versions.merge(version, 1, Integer::sum);
            if (!empty && (flags != 0 || !isWhole(chunks[chunk], offset))) {
                throw new AssertionError(
                        "scrub: fragment %d of block %d is corrupt".formatted(chunk, block));
            }
        }
        if (versions.size() != 1) {
            StringBuilder text = new StringBuilder();
            versions.forEach((version, count) ->
                    text.append(' ')
                            .append(count)
                            .append(" of ")
                            .append(Version.toString(version)));
            throw new AssertionError("scrub: block " + block + " has fragments" + text);
        }
        if (!versions.containsKey(Version.NONE)) {
            if (!mayHoldData) {
                throw new AssertionError("scrub: block " + block + " has data that no host wrote");
            }
            checkParity(block, chunks, offset);
        }
    }

    private boolean isWhole(MemorySegment chunk, long offset) {
        CRC32C crc = new CRC32C();
        crc.update(chunk.asSlice(offset, scheme.fragmentBytes()).asByteBuffer());
        return (int) crc.getValue() == FragmentFormat.crc(chunk, offset + scheme.fragmentBytes());
    }

    private void checkParity(long block, MemorySegment[] chunks, long offset) {
        int bytes = scheme.fragmentBytes();
        int data = scheme.dataFragments();
        MemorySegment whole = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        MemorySegment parity = Arena.ofAuto().allocate(2L * bytes, 64);
        for (int chunk = 0; chunk < data; chunk++) {
            MemorySegment.copy(chunks[chunk], offset, whole, (long) chunk * bytes, bytes);
        }
        int lbaBytes = cluster.config().lbaBytes();
        for (int i = 0; i < cluster.config().lbasPerBlock(); i++) {
            long lba = block * cluster.config().lbasPerBlock() + i;
            Stamps.read(whole, (long) i * lbaBytes, lbaBytes, lba);
        }
        code.encode(whole, 0, parity, 0, parity, bytes);
        for (int p = 0; p < 2; p++) {
            MemorySegment expected = parity.asSlice((long) p * bytes, bytes);
            MemorySegment found = chunks[data + p].asSlice(offset, bytes);
            if (expected.mismatch(found) != -1) {
                throw new AssertionError(
                        "scrub: parity %d of block %d is not that of its data".formatted(p, block));
            }
        }
    }
}
