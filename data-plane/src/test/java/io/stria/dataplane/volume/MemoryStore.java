package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The plain version of a chunk store: what every store must answer, in a few maps. Fragments are
 * durable at once, the watermark now and then; what a crash of the node takes away is the newest
 * watermark and the commands on their way.
 */
final class MemoryStore {
    /** Bytes of one version; null data is a tombstone. */
    record Fragment(byte[] data, int crc) {}

    private static final int NEVER_FULL = -1;

    private final World world;

    /** What the store held at some time. */
    record Image(TreeMap<Long, TreeMap<Long, Fragment>> fragments, Map<Integer, Long> watermarks) {}

    private final TreeMap<Long, TreeMap<Long, Fragment>> fragments = new TreeMap<>();

    /** Where there is a tombstone among the versions, and some more. */
    private final TreeSet<Long> tombstones = new TreeSet<>();

    private final Map<Integer, Long> watermarks = new HashMap<>();
    private final Map<Integer, Long> durableWatermarks = new HashMap<>();
    private final Map<Integer, Long> forgettable = new HashMap<>();
    private final Map<Integer, Long> forgotten = new HashMap<>();
    private final Map<Integer, Client> associations = new HashMap<>();
    private final Map<Integer, Integer> epochs = new HashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private final Set<Integer> complete = new HashSet<>();
    private boolean forgetful;
    private boolean lying;

    /** They have reached the store, which is still at them. */
    private final Set<FragmentRequest> hanging = new HashSet<>();

    private boolean up = true;
    private long connections;
    private int replaced;
    private int discardedAlone;
    private boolean failed;
    private boolean attachesFailed;
    private int fullAtShift = NEVER_FULL;
    private boolean cannotFree;
    private boolean headersUnreadable;

    MemoryStore(World world) {
        this.world = world;
    }

    Client connect() {
        Client client = new Client();
        clients.add(client);
        return client;
    }

    boolean isUp() {
        return up;
    }

    void setUp(boolean nowUp) {
        up = nowUp;
        associations.clear();
        watermarks.clear();
        watermarks.putAll(durableWatermarks);
        for (Client client : clients) {
            client.breakConnection();
        }
    }

    Image image() {
        return new Image(copy(fragments), new HashMap<>(durableWatermarks));
    }

    /**
     * Goes back to what the store held once, while it is down. What was unmapped everywhere since,
     * and is forgotten, does not come back: no watermark tells that from what was never unmapped.
     */
    void rollBack(Image to) {
        assert !up;
        TreeMap<Long, TreeMap<Long, Fragment>> old = copy(to.fragments());
        old.keySet().retainAll(fragments.keySet());
        fragments.clear();
        fragments.putAll(old);
        tombstones.addAll(fragments.keySet());
        watermarks.clear();
        watermarks.putAll(to.watermarks());
        durableWatermarks.clear();
        durableWatermarks.putAll(to.watermarks());
        forgettable.clear();
    }

    /** Its medium has lost all writes since without telling, as nothing else does. */
    void loseWritesSince(Image then) {
        fragments.clear();
        fragments.putAll(copy(then.fragments()));
        tombstones.addAll(fragments.keySet());
    }

    private static TreeMap<Long, TreeMap<Long, Fragment>> copy(
            TreeMap<Long, TreeMap<Long, Fragment>> of) {
        TreeMap<Long, TreeMap<Long, Fragment>> copy = new TreeMap<>();
        of.forEach((address, versions) -> copy.put(address, new TreeMap<>(versions)));
        return copy;
    }

    /** Fragments of the volume whose newest version is data that is whole. */
    int good(int vuid) {
        int good = 0;
        for (var entry : fragments.entrySet()) {
            Fragment newest = entry.getValue().lastEntry().getValue();
            boolean whole = newest.data() != null && crcOf(newest.data()) == newest.crc();
            good += DeviceAddress.vuid(entry.getKey()) == vuid && whole ? 1 : 0;
        }
        return good;
    }

    /** Flips a byte of the newest version of some fragment, as a rotting medium would. */
    boolean rot(int vuid) {
        return spoil(vuid, false);
    }

    /** The same, but its checksum was made afterwards. */
    boolean miscalculate(int vuid) {
        return spoil(vuid, true);
    }

    private boolean spoil(int vuid, boolean checksumFits) {
        List<Long> candidates = new ArrayList<>();
        for (var entry : fragments.entrySet()) {
            if (DeviceAddress.vuid(entry.getKey()) == vuid
                    && entry.getValue().lastEntry().getValue().data() != null) {
                candidates.add(entry.getKey());
            }
        }
        if (candidates.isEmpty()) {
            return false;
        }
        TreeMap<Long, Fragment> versions =
                fragments.get(candidates.get(world.random.nextInt(candidates.size())));
        Fragment newest = versions.lastEntry().getValue();
        byte[] data = newest.data();
        data[world.random.nextInt(data.length)] ^= 1;
        if (checksumFits) {
            versions.put(versions.lastKey(), new Fragment(data, crcOf(data)));
        }
        return true;
    }

    /** Loses everything of the volume without knowing it. */
    void forget(int vuid) {
        fragments.keySet().removeIf(address -> DeviceAddress.vuid(address) == vuid);
    }

    /** No new page of 512 << shift bytes finds room from now on. */
    void fill(int pageShift) {
        fullAtShift = pageShift;
    }

    void makeRoom() {
        fullAtShift = NEVER_FULL;
    }

    /** It has no room for the records that say that something is free. */
    void setCannotFree(boolean value) {
        cannotFree = value;
    }

    private boolean hasRoomFor(FragmentRequest request) {
        if (fullAtShift == NEVER_FULL) {
            return true;
        }
        long page = request.address >>> fullAtShift << fullAtShift;
        return fragments.subMap(page, page + (1L << fullAtShift)).values().stream()
                .anyMatch(versions -> versions.values().stream().anyMatch(f -> f.data() != null));
    }

    /** REPLACE commands that owners wait for. */
    int replacing() {
        int replacing = 0;
        for (Client client : clients) {
            for (FragmentRequest request : client.inFlight) {
                replacing += request.op == FragmentOp.REPLACE ? 1 : 0;
            }
        }
        return replacing;
    }

    /** How many fragments were replaced so far. */
    int replaced() {
        return replaced;
    }

    /** How many fragments were unmapped so that no other version was left. */
    int discardedAlone() {
        return discardedAlone;
    }

    /** Restarts without what stood in one chunk, and cannot tell which: its header is damaged. */
    void loseChunk(int vuid, int pageShift) {
        List<Long> addresses =
                fragments.keySet().stream().filter(a -> DeviceAddress.vuid(a) == vuid).toList();
        if (!addresses.isEmpty()) {
            long lost = addresses.get(world.random.nextInt(addresses.size())) >> pageShift;
            fragments.keySet().removeIf(address -> address >> pageShift == lost);
            forgetful = true;
            complete.clear();
        }
        setUp(true);
    }

    /** It cannot tell any more what it has of anything, nor in which version. */
    void loseHeaders() {
        headersUnreadable = true;
    }

    /** From now on it says of everything that it was never written. */
    void lie() {
        lying = true;
    }

    boolean isForgetful() {
        return forgetful;
    }

    /** How many fragments it knows something of. */
    int fragments() {
        return fragments.size();
    }

    boolean holds(long address) {
        return fragments.containsKey(address);
    }

    /** A batch of another volume's makes durable what it has heard last. */
    void makeWatermarkDurable(int vuid, long heard) {
        watermarks.put(vuid, heard);
        durableWatermarks.put(vuid, heard);
    }

    long durableWatermark(int vuid) {
        return durableWatermarks.getOrDefault(vuid, 0L);
    }

    /** Newest version of a fragment as bytes, or null if there is none or a tombstone. */
    byte[] newest(long address) {
        TreeMap<Long, Fragment> versions = fragments.get(address);
        return versions == null ? null : versions.lastEntry().getValue().data();
    }

    /** Of a fragment that has one. */
    long newestVersion(long address) {
        return fragments.get(address).lastKey();
    }

    /** The device takes no changes from now on; a chunk store refuses to attach, too. */
    void fail(boolean attaches) {
        failed = true;
        attachesFailed = attaches;
    }

    private boolean fails(FragmentOp op) {
        return switch (op) {
            case ATTACH -> failed && !attachesFailed;
            case WRITE, UNMAP, REPLACE, FREE, COMMIT, DELETE -> failed;
            case READ, READ_AT, LIST -> false;
        };
    }

    private IoStatus execute(FragmentRequest request, Client from, long[] result) {
        if (fails(request.op)) {
            return IoStatus.MEDIA_ERROR;
        }
        int vuid = request.vuid();
        int epoch = epochs.getOrDefault(vuid, 0);
        if (request.epoch < epoch
                || (request.op != FragmentOp.ATTACH && associations.get(vuid) != from)) {
            return IoStatus.FENCED;
        }
        int sectors = request.fragmentBytes / 512;
        int stride = FragmentFormat.stride(request.fragmentBytes);
        switch (request.op) {
            case ATTACH -> {
                associations.put(vuid, from);
                epochs.put(vuid, request.epoch);
                result[0] =
                        mayHaveLost(vuid)
                                ? FragmentFormat.FORGETFUL
                                : durableWatermarks.getOrDefault(vuid, 0L);
                return IoStatus.OK;
            }
            case WRITE -> {
                if (!hasRoomFor(request)) {
                    return IoStatus.NO_SPACE;
                }
                for (int i = 0; i < request.count; i++) {
                    put(
                            request,
                            request.address + (long) i * sectors,
                            request.bufferOffset + (long) i * stride,
                            false);
                }
            }
            case REPLACE -> {
                if (!hasRoomFor(request)) {
                    return IoStatus.NO_SPACE;
                }
                replaced += request.count;
                for (int i = 0; i < request.count; i++) {
                    put(
                            request,
                            request.address + (long) i * sectors,
                            request.bufferOffset + (long) i * stride,
                            true);
                }
            }
            case FREE -> {
                if (cannotFree) {
                    return IoStatus.NO_SPACE;
                }
                for (int i = 0; i < request.count; i++) {
                    fragments.remove(request.address + (long) i * sectors);
                }
            }
            case UNMAP -> {
                for (int i = 0; i < request.count; i++) {
                    long address = request.address + (long) i * sectors;
                    if (request.dropsOthers) {
                        fragments.remove(address);
                        discardedAlone++;
                    }
                    versions(address).put(request.version, new Fragment(null, 0));
                    tombstones.add(address);
                }
            }
            case READ -> {
                for (int i = 0; i < request.count; i++) {
                    get(
                            request,
                            request.address + (long) i * sectors,
                            -1L,
                            request.bufferOffset + (long) i * stride);
                }
            }
            case READ_AT -> {
                for (int i = 0; i < request.count; i++) {
                    get(
                            request,
                            request.address + (long) i * sectors,
                            request.version,
                            request.bufferOffset + (long) i * stride);
                }
            }
            case LIST -> result[0] = list(request);
            case COMMIT -> {}
            case DELETE ->
                    fragments.keySet().removeIf(address -> DeviceAddress.vuid(address) == vuid);
        }
        if (Version.isNewer(request.watermark, watermarks.getOrDefault(vuid, 0L))) {
            watermarks.put(vuid, request.watermark);
        }
        if (request.allInSync) {
            complete.add(vuid);
            forgetful &= !complete.containsAll(epochs.keySet());
        }
        if (request.op == FragmentOp.COMMIT || world.random.nextInt(30) == 0) {
            durableWatermarks.put(vuid, watermarks.getOrDefault(vuid, 0L));
        }
        if (request.allInSync
                && Version.isNewer(request.watermark, forgettable.getOrDefault(vuid, 0L))) {
            forgettable.put(vuid, request.watermark);
        }
        forgetTombstones(vuid);
        return IoStatus.OK;
    }

    private boolean mayHaveLost(int vuid) {
        return forgetful && !complete.contains(vuid);
    }

    /** Rule 4: what a committed tombstone covers goes, and then the tombstone itself. */
    private void forgetTombstones(int vuid) {
        long watermark =
                Math.min(
                        forgettable.getOrDefault(vuid, 0L),
                        durableWatermarks.getOrDefault(vuid, 0L));
        Long before = forgotten.put(vuid, watermark);
        if (before != null && before == watermark && world.random.nextInt(8) > 0) {
            return; // hardly anything has come below it since
        }
        var all = tombstones.iterator();
        while (all.hasNext()) {
            long address = all.next();
            TreeMap<Long, Fragment> versions = fragments.get(address);
            if (versions == null) {
                all.remove();
                continue;
            }
            var committed = versions.floorEntry(watermark);
            if (DeviceAddress.vuid(address) == vuid
                    && committed != null
                    && committed.getValue().data() == null) {
                versions.headMap(committed.getKey(), true).clear();
                if (versions.isEmpty()) {
                    fragments.remove(address);
                }
            }
            if (versions.values().stream().noneMatch(fragment -> fragment.data() == null)) {
                all.remove();
            }
        }
    }

    private TreeMap<Long, Fragment> versions(long address) {
        return fragments.computeIfAbsent(address, a -> new TreeMap<>(Long::compareUnsigned));
    }

    private void put(FragmentRequest request, long address, long offset, boolean replace) {
        MemorySegment buffer = request.buffer;
        long metadata = offset + request.fragmentBytes;
        int flags = FragmentFormat.flags(buffer, metadata);
        if (replace) {
            fragments.remove(address);
            if ((flags & FragmentFormat.ABSENT) != 0) {
                return;
            }
        }
        byte[] data =
                (flags & FragmentFormat.TOMBSTONE) != 0
                        ? null
                        : buffer.asSlice(offset, request.fragmentBytes)
                                .toArray(ValueLayout.JAVA_BYTE);
        if (data == null) {
            tombstones.add(address);
        }
        TreeMap<Long, Fragment> versions = versions(address);
        versions.put(
                FragmentFormat.version(buffer, metadata),
                new Fragment(
                        data,
                        (flags & FragmentFormat.BAD) != 0
                                ? ~crcOf(data)
                                : FragmentFormat.crc(buffer, metadata)));
        // Rule 3: the newest at or below the watermark, and every version above it.
        Long kept = versions.floorKey(durableWatermarks.getOrDefault(request.vuid(), 0L));
        if (kept != null) {
            versions.headMap(kept, false).clear();
        }
    }

    private static int crcOf(byte[] data) {
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(data);
        return (int) crc.getValue();
    }

    private void get(FragmentRequest request, long address, long atMost, long offset) {
        TreeMap<Long, Fragment> versions = fragments.get(address);
        boolean known = versions != null && !lying && !headersUnreadable;
        var entry = known ? versions.floorEntry(atMost) : null;
        long metadata = offset + request.fragmentBytes;
        if (entry == null) {
            boolean unknown = headersUnreadable || versions == null && mayHaveLost(request.vuid());
            FragmentFormat.putMetadata(
                    request.buffer,
                    metadata,
                    0,
                    0,
                    unknown ? FragmentFormat.BAD : FragmentFormat.ABSENT);
        } else if (entry.getValue().data() == null) {
            FragmentFormat.putMetadata(
                    request.buffer, metadata, entry.getKey(), 0, FragmentFormat.TOMBSTONE);
        } else {
            Fragment fragment = entry.getValue();
            int flags = crcOf(fragment.data()) == fragment.crc() ? 0 : FragmentFormat.BAD;
            int i =
                    (int)
                            ((offset - request.bufferOffset)
                                    / FragmentFormat.stride(request.fragmentBytes));
            // As stores on the owner's reactor may do, and those of peers do not.
            boolean direct =
                    request.op == FragmentOp.READ
                            && flags == 0
                            && request.direct.byteSize() > 0
                            && (address >>> 4 & 3) != 0;
            MemorySegment.copy(
                    fragment.data(),
                    0,
                    direct ? request.direct : request.buffer,
                    ValueLayout.JAVA_BYTE,
                    direct ? request.directOffset + (long) i * request.directStride : offset,
                    fragment.data().length);
            request.directDone |= direct ? 1 << i : 0;
            FragmentFormat.putMetadata(
                    request.buffer, metadata, entry.getKey(), fragment.crc(), flags);
        }
    }

    private static boolean isAskedFor(FragmentRequest request, long address) {
        long chunk =
                DeviceAddress.lpa(address, OwnerScenario.PAGE_SHIFT)
                        - DeviceAddress.lpa(request.address, OwnerScenario.PAGE_SHIFT);
        long group = request.groups == 0 ? 0 : chunk / request.count;
        return request.groups == 0 || group < Long.SIZE && (request.groups >>> group & 1) != 0;
    }

    private long list(FragmentRequest request) {
        long count = 0;
        long last = DeviceAddress.of(request.vuid(), DeviceAddress.VLBA_MASK);
        for (var entry : fragments.subMap(request.address, true, last, true).entrySet()) {
            if (!isAskedFor(request, entry.getKey())) {
                continue;
            }
            var above = entry.getValue().tailMap(request.version, false);
            long room = request.bufferBytes / FragmentFormat.LIST_ENTRY_BYTES;
            if (count > 0 && count + above.size() > room) {
                return count | FragmentFormat.LIST_MORE;
            }
            for (var version : above.entrySet()) {
                if (count == room) {
                    return count | FragmentFormat.LIST_MORE;
                }
                int flags = version.getValue().data() == null ? FragmentFormat.TOMBSTONE : 0;
                FragmentFormat.putListEntry(
                        request.buffer,
                        request.bufferOffset + count++ * FragmentFormat.LIST_ENTRY_BYTES,
                        entry.getKey(),
                        version.getKey(),
                        flags);
            }
        }
        return count;
    }

    /** One owner's way to this store, with delays, and with a connection that can break. */
    final class Client implements FragmentStore {
        private long connection = up ? ++connections : 0;
        private final List<FragmentRequest> inFlight = new ArrayList<>();
        private Predicate<FragmentRequest> hangs = request -> false;
        private LongSupplier delayNs = world::someDelayNs;
        private boolean dead;

        /** Each command and each answer from now on. */
        void takes(LongSupplier ns) {
            delayNs = ns;
        }

        /** Such commands reach the store, and it does nothing about them. */
        void hang(Predicate<FragmentRequest> which) {
            hangs = which;
        }

        /** The next command hangs; the action runs when it does. */
        void hangNext(Consumer<FragmentRequest> whenHanging) {
            hang(request -> {
                hangs = any -> false;
                whenHanging.accept(request);
                return true;
            });
        }

        /** Executes what hung, unless the connection was lost meanwhile. */
        void answer(FragmentRequest request) {
            hanging.remove(request);
            arrive(request, connection);
        }

        /** What hangs is executed after all. */
        void release() {
            hangs = request -> false;
            for (FragmentRequest request : List.copyOf(inFlight)) {
                if (hanging.remove(request)) {
                    arrive(request, connection);
                }
            }
        }

        @Override
        public void submit(FragmentRequest request) {
            long on = connection;
            if (dead || on == 0) {
                world.after(1_000, () -> end(request, IoStatus.DISCONNECTED, 0));
                return;
            }
            inFlight.add(request);
            if (hangs.test(request)) {
                hanging.add(request);
            } else {
                world.after(delayNs.getAsLong(), () -> arrive(request, on));
            }
        }

        private void arrive(FragmentRequest request, long on) {
            if (on != connection || !inFlight.contains(request)) {
                return;
            }
            if (request.op == FragmentOp.ATTACH && !hanging.isEmpty()) {
                world.after(5_000_000, () -> arrive(request, on)); // ends after what is older
                return;
            }
            long[] result = new long[1];
            IoStatus status = execute(request, this, result);
            world.after(
                    delayNs.getAsLong(),
                    () -> {
                        if (on == connection && inFlight.remove(request)) {
                            end(request, status, result[0]);
                        }
                    });
        }

        private void end(FragmentRequest request, IoStatus status, long result) {
            if (!dead) {
                request.complete(status, result);
            }
        }

        /** Commands on their way take effect or not, and nobody hears which. */
        void breakConnection() {
            List<FragmentRequest> lost = List.copyOf(inFlight);
            inFlight.clear();
            hanging.removeAll(lost);
            connection = 0;
            for (FragmentRequest request : lost) {
                if (up && world.random.nextBoolean()) {
                    execute(request, this, new long[1]);
                }
                world.after(world.someDelayNs(), () -> end(request, IoStatus.DISCONNECTED, 0));
            }
            world.after(2_000_000, () -> connection = up && !dead ? ++connections : 0);
        }

        /** The owner's process ended: it hears nothing any more. */
        void die() {
            dead = true;
            breakConnection();
            clients.remove(this);
        }

        @Override
        public long connection() {
            return connection;
        }
    }
}
