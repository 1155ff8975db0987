package io.stria.simulator;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.node.StoreService;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedRandom;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The plain version of a chunk store: what every store must answer, in a few maps. A command takes
 * effect, durably, at some time between its arrival and its answer; when the process ends before
 * that it never does.
 */
final class PlainStore implements StoreService {
    /** Bytes of one version; null data is a tombstone. */
    private record Fragment(byte[] data, int crc) {}

    /** What outlives processes. */
    static final class Medium {
        private final TreeMap<Long, TreeMap<Long, Fragment>> fragments = new TreeMap<>();
        private final Map<Integer, Long> watermarks = new HashMap<>();
    }

    private record Answer(FragmentRequest request, IoStatus status, long result) {}

    private final Medium medium;
    private final Reactor reactor;
    private final SimulatedRandom random;
    private final Map<Integer, Long> associations = new HashMap<>();
    private final Map<Integer, Integer> associationEpochs = new HashMap<>();
    private final Map<Integer, Integer> epochs = new HashMap<>();
    private final List<FragmentRequest> atWork = new ArrayList<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final ArrayDeque<Runnable> applied = new ArrayDeque<>();
    private long leaseUntilNs;

    PlainStore(Medium medium, Reactor reactor, SimulatedRandom random) {
        this.medium = medium;
        this.reactor = reactor;
        this.random = random;
    }

    /** Opens plain stores, whose media live as long as the opener. */
    static StoreOpener opener() {
        Map<UUID, Medium> media = new HashMap<>();
        Map<UUID, SimulatedRandom> randoms = new HashMap<>();
        return (host, reactor, memory, disk, identity, associations, listener) -> {
            UUID deviceId = identity.deviceId();
            Medium medium = media.computeIfAbsent(deviceId, id -> new Medium());
            SimulatedRandom random =
                    randoms.computeIfAbsent(
                            deviceId, id -> host.simulation().random("plain store " + id));
            reactor.timers()
                    .schedule(
                            random.between(1_000_000, 300_000_000),
                            () -> listener.onOpen(new PlainStore(medium, reactor, random)));
        };
    }

    @Override
    public void submit(FragmentRequest request) {
        if (!serves()) {
            answers.add(new Answer(request, IoStatus.NOT_SERVING, 0));
            return;
        }
        atWork.add(request);
        long delayNs = random.between(10_000, random.chance(0.01) ? 5_000_000 : 150_000);
        reactor.timers().schedule(delayNs, () -> perform(request));
    }

    private void perform(FragmentRequest request) {
        if (!atWork.remove(request)) {
            return; // dropped by a fence
        }
        long[] result = new long[1];
        IoStatus status = serves() ? execute(request, result) : IoStatus.NOT_SERVING;
        answers.add(new Answer(request, status, result[0]));
    }

    @Override
    public @Nullable String failure() {
        return null;
    }

    @Override
    public boolean isIdle() {
        return applied.isEmpty() && answers.isEmpty();
    }

    @Override
    public int poll(long nowNs) {
        int work = applied.size() + answers.size();
        while (!applied.isEmpty()) {
            applied.remove().run();
        }
        while (!answers.isEmpty()) {
            Answer answer = answers.remove();
            answer.request().complete(answer.status(), answer.result());
        }
        return work;
    }

    @Override
    public void onVolumeEpoch(int vuid, int epoch, Runnable whenApplied) {
        raiseEpoch(vuid, epoch);
        applied.add(whenApplied);
    }

    private void raiseEpoch(int vuid, int epoch) {
        epochs.merge(vuid, epoch, Math::max);
        drop(request -> request.vuid() == vuid && request.epoch < epoch);
    }

    private void drop(java.util.function.Predicate<FragmentRequest> which) {
        for (FragmentRequest request : List.copyOf(atWork)) {
            if (which.test(request)) {
                atWork.remove(request);
                answers.add(new Answer(request, IoStatus.FENCED, 0));
            }
        }
    }

    @Override
    public void leaseUntil(long deadlineNs) {
        leaseUntilNs = deadlineNs;
    }

    private boolean serves() {
        return leaseUntilNs != 0 && leaseUntilNs - reactor.engine().clock().nowNs() > 0;
    }

    @Override
    public void retainVolumes(IntPredicate exists) {
        medium.fragments.keySet().removeIf(address -> !exists.test(DeviceAddress.vuid(address)));
        Set<Integer> gone = new HashSet<>(medium.watermarks.keySet());
        gone.removeIf(exists::test);
        medium.watermarks.keySet().removeAll(gone);
    }

    private IoStatus execute(FragmentRequest request, long[] result) {
        int vuid = request.vuid();
        if (request.epoch < epochs.getOrDefault(vuid, 0)
                || (request.op != FragmentOp.ATTACH
                        && associations.getOrDefault(vuid, 0L) != request.association)) {
            return IoStatus.FENCED;
        }
        switch (request.op) {
            case ATTACH -> {
                if (request.epoch == associationEpochs.getOrDefault(vuid, 0)
                        && request.association < associations.getOrDefault(vuid, 0L)) {
                    return IoStatus.FENCED;
                }
                associationEpochs.put(vuid, request.epoch);
                raiseEpoch(vuid, request.epoch);
                drop(other -> other.vuid() == vuid && other.association != request.association);
                associations.put(vuid, request.association);
                result[0] = medium.watermarks.getOrDefault(vuid, Version.NONE);
                return IoStatus.OK;
            }
            case WRITE, REPLACE, UNMAP -> {
                for (int i = 0; i < request.count; i++) {
                    put(request, address(request, i), offset(request, i));
                }
            }
            case READ, READ_AT -> {
                long atMost = request.op == FragmentOp.READ ? -1L : request.version;
                for (int i = 0; i < request.count; i++) {
                    get(request, address(request, i), atMost, offset(request, i));
                }
            }
            case FREE -> {
                for (int i = 0; i < request.count; i++) {
                    medium.fragments.remove(address(request, i));
                }
            }
            case LIST -> result[0] = list(request);
            case COMMIT -> {}
            case DELETE ->
                    medium.fragments
                            .keySet()
                            .removeIf(address -> DeviceAddress.vuid(address) == vuid);
        }
        if (Version.isNewer(request.watermark, watermark(vuid))) {
            medium.watermarks.put(vuid, request.watermark);
        }
        return IoStatus.OK;
    }

    private static long address(FragmentRequest request, int i) {
        return request.address + (long) i * (request.fragmentBytes / 512);
    }

    private static long offset(FragmentRequest request, int i) {
        return request.bufferOffset + (long) i * FragmentFormat.stride(request.fragmentBytes);
    }

    private long watermark(int vuid) {
        return medium.watermarks.getOrDefault(vuid, Version.NONE);
    }

    private void put(FragmentRequest request, long address, long offset) {
        long metadata = offset + request.fragmentBytes;
        boolean unmap = request.op == FragmentOp.UNMAP;
        int flags =
                unmap ? FragmentFormat.TOMBSTONE : FragmentFormat.flags(request.buffer, metadata);
        if (request.op == FragmentOp.REPLACE || (unmap && request.dropsOthers)) {
            medium.fragments.remove(address);
            if ((flags & FragmentFormat.ABSENT) != 0) {
                return;
            }
        }
        Fragment fragment = new Fragment(null, 0);
        if ((flags & FragmentFormat.TOMBSTONE) == 0) {
            byte[] data =
                    request.buffer
                            .asSlice(offset, request.fragmentBytes)
                            .toArray(ValueLayout.JAVA_BYTE);
            fragment = new Fragment(data, FragmentFormat.crc(request.buffer, metadata));
        }
        TreeMap<Long, Fragment> versions =
                medium.fragments.computeIfAbsent(
                        address, a -> new TreeMap<>(Long::compareUnsigned));
        long version = unmap ? request.version : FragmentFormat.version(request.buffer, metadata);
        versions.put(version, fragment);
        // Rule 3: the newest at or below the watermark, and every version above it.
        Long kept = versions.floorKey(watermark(request.vuid()));
        if (kept != null) {
            versions.headMap(kept, false).clear();
        }
    }

    private void get(FragmentRequest request, long address, long atMost, long offset) {
        TreeMap<Long, Fragment> versions = medium.fragments.get(address);
        var entry = versions == null ? null : versions.floorEntry(atMost);
        long metadata = offset + request.fragmentBytes;
        if (entry == null) {
            FragmentFormat.putMetadata(request.buffer, metadata, 0, 0, FragmentFormat.ABSENT);
            return;
        }
        Fragment fragment = entry.getValue();
        int flags = fragment.data() == null ? FragmentFormat.TOMBSTONE : 0;
        if (fragment.data() != null) {
            java.lang.foreign.MemorySegment.copy(
                    fragment.data(),
                    0,
                    request.buffer,
                    ValueLayout.JAVA_BYTE,
                    offset,
                    fragment.data().length);
        }
        FragmentFormat.putMetadata(request.buffer, metadata, entry.getKey(), fragment.crc(), flags);
    }

    private long list(FragmentRequest request) {
        long count = 0;
        long last = DeviceAddress.of(request.vuid(), DeviceAddress.VLBA_MASK);
        for (var entry : medium.fragments.subMap(request.address, true, last, true).entrySet()) {
            var above = entry.getValue().tailMap(request.version, false);
            long room = request.bufferBytes / FragmentFormat.LIST_ENTRY_BYTES;
            if (count > 0 && count + above.size() > room) {
                return count | FragmentFormat.LIST_MORE;
            }
            for (var version : above.entrySet()) {
                if (count == room) {
                    return count | FragmentFormat.LIST_MORE;
                }
                FragmentFormat.putListEntry(
                        request.buffer,
                        request.bufferOffset + count++ * FragmentFormat.LIST_ENTRY_BYTES,
                        entry.getKey(),
                        version.getKey(),
                        version.getValue().data() == null ? FragmentFormat.TOMBSTONE : 0);
            }
        }
        return count;
    }
}
