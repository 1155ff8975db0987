package io.stria.simulator.powercut;

import static java.util.Objects.requireNonNull;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.dataplane.volume.CopyBudget;
import io.stria.dataplane.volume.HedgeConfig;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.SlotStores;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All that loses power at once: the stores of one volume on their disks, and its owner. What the
 * control plane decides (the volume's epoch, which slots are behind) outlives it.
 */
final class Machine implements AutoCloseable, VolumeOwner.Listener {
    static final int PAGE_SHIFT = 8;
    static final int VUID = 3;
    static final int BLOCKS = 192;

    /** So small that a device has some pages more than the volume needs. */
    static final long DISK_BYTES = 4L << 20;

    private static final UUID CLUSTER = new UUID(0x5712, 7);
    private static final long LIMIT_NS = 60_000_000_000L;
    private static final int READ_BLOCKS = 32;

    /** Some hundred times what any recovery takes. */
    private static final int STEPS_MAX = 1_000_000;

    private static final StoreConfig STORE =
            new StoreConfig(1 << 20, 16 * 4096, 1 << 18, 1 << 18, 4096, 16384, 40, 3_000_000L);

    /** Of the stores' rings, when merging begins while there is work. */
    static final int MERGE_PERCENT = STORE.mergePercent();

    private static final OwnerConfig OWNER =
            new OwnerConfig(
                    100_000_000L,
                    30_000_000_000L,
                    20_000_000L,
                    16,
                    0,
                    2,
                    new HedgeConfig(50, 30_000L, 60_000L));

    private final Scheme scheme;
    private final StoreConfig config;
    private final CutClock clock;
    private final Arena memory = Arena.ofConfined();
    private final MemorySegment readBuffer =
            memory.allocate((long) READ_BLOCKS * BlockDevice.BLOCK_BYTES, 4096);
    private final List<CutDisk> disks;
    private final @Nullable ChunkStore[] stores;
    private final StorePort[] ports;
    private final Function<LongSupplier, StorePort> ways;
    private final ArrayDeque<Runnable> decided = new ArrayDeque<>();
    private VolumeEntry volume;
    private @Nullable VolumeOwner owner;
    private long associations;
    private boolean serving;
    private LongSupplier decisionNs = () -> 0;
    private IntConsumer inSyncProposed = slot -> {};

    private int steps;

    /** By owners that have ended. */
    private long hedged;

    Machine(VolumeEntry volume, int mergePercent, CutClock clock, List<CutDisk> disks) {
        this(volume, mergePercent, clock, disks, StorePort::new);
    }

    /**
     * @param ways makes the way from an owner to a store; gets what numbers associations
     */
    Machine(
            VolumeEntry volume,
            int mergePercent,
            CutClock clock,
            List<CutDisk> disks,
            Function<LongSupplier, StorePort> ways) {
        this.volume = volume;
        this.config = STORE.withMerging(mergePercent, STORE.idleMergeNs());
        this.scheme = volume.scheme();
        this.clock = clock;
        this.disks = disks;
        this.stores = new @Nullable ChunkStore[disks.size()];
        this.ports = new StorePort[disks.size()];
        this.ways = ways;
        for (int slot = 0; slot < ports.length; slot++) {
            ports[slot] = ways.apply(this::nextAssociation);
        }
    }

    /** From now on decisions take so long. */
    void decisionsTake(LongSupplier ns) {
        decisionNs = ns;
    }

    /** Hears, once for each proposal, that the owner calls a slot in sync. */
    void onInSyncProposed(IntConsumer heard) {
        inSyncProposed = heard;
    }

    /** One for each slot, of either block size in turn, each command some time under way. */
    static List<CutDisk> disks(
            Scheme scheme, CutClock clock, SplittableRandom random, CutDisk.Observer observer) {
        List<CutDisk> disks = new ArrayList<>();
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            disks.add(
                    new CutDisk(
                            DISK_BYTES,
                            slot % 2 == 0 ? 512 : 4096,
                            clock,
                            () -> 5_000 + random.nextInt(60_000),
                            observer));
        }
        return disks;
    }

    static VolumeEntry newVolume(Scheme scheme) {
        return new VolumeEntry(
                VUID,
                new UUID(0x5712, 8),
                "v",
                "nqn.2026-11.io.stria:v",
                (long) BLOCKS * BlockDevice.BLOCK_BYTES,
                scheme,
                Tolerance.DEVICE,
                VolumeState.ONLINE,
                1,
                1,
                List.of(1),
                new TreeMap<>(),
                BlockDevice.BLOCK_BYTES,
                Placing.settled(new SlotList(scheme.fragments(), new TreeSet<>())));
    }

    private long nextAssociation() {
        return ++associations;
    }

    private static DeviceIdentity identity(int slot) {
        return new DeviceIdentity(CLUSTER, new UUID(0x5713, slot), PAGE_SHIFT);
    }

    int mergePercent() {
        return config.mergePercent();
    }

    VolumeEntry volume() {
        return volume;
    }

    List<CutDisk> disks() {
        return disks;
    }

    long nowNs() {
        return clock.nowNs();
    }

    void format() {
        int[] left = {disks.size()};
        for (int slot = 0; slot < disks.size(); slot++) {
            ChunkStore.format(
                    disks.get(slot),
                    identity(slot),
                    config,
                    0x1234_5678L + slot,
                    memory,
                    failure -> {
                        assert failure == null : failure;
                        left[0]--;
                    });
        }
        expect(() -> left[0] == 0, () -> "formatted disks");
    }

    /** Opens the store of each slot, but for those that are missing. */
    void open(Set<Integer> missing) {
        for (int slot = 0; slot < disks.size(); slot++) {
            if (!missing.contains(slot)) {
                open(slot);
            }
        }
        expect(
                () -> {
                    for (int slot = 0; slot < stores.length; slot++) {
                        if (stores[slot] == null && !missing.contains(slot)) {
                            return false;
                        }
                    }
                    return true;
                },
                () -> "open stores");
    }

    private void open(int slot) {
        ChunkStore.open(
                disks.get(slot),
                identity(slot),
                config,
                clock,
                memory,
                new ChunkStore.OpenListener() {
                    @Override
                    public void onOpen(ChunkStore store) {
                        stores[slot] = store;
                        store.serving(true);
                        ports[slot].connect(store);
                    }

                    @Override
                    public void onRefused(String reason) {
                        throw new AssertionError("slot %d is refused: %s".formatted(slot, reason));
                    }
                });
    }

    /** One that was missing is back. */
    void openAgain(int slot) {
        open(slot);
        expect(() -> stores[slot] != null, () -> "slot " + slot + " open");
    }

    /** Its device is an older image of itself from now on, and nobody has noticed. */
    void rollBack(int slot, CutDisk to) {
        cut(slot);
        stores[slot] = null;
        disks.set(slot, to);
        openAgain(slot);
    }

    /**
     * A command for another volume makes the store write a batch, with the watermarks of all that
     * it has heard.
     */
    void commitAnotherVolume(int slot) {
        for (FragmentOp op : List.of(FragmentOp.ATTACH, FragmentOp.COMMIT)) {
            FragmentRequest request = new FragmentRequest();
            request.op = op;
            request.address = DeviceAddress.of(VUID + 1, 0);
            request.fragmentBytes = scheme.fragmentBytes();
            request.epoch = 1;
            request.association = 1;
            request.watermark = nowNs();
            request.completion = (ended, status, result) -> {};
            store(slot).submit(request);
        }
    }

    void cut(int slot) {
        ports[slot].cut();
    }

    void reconnect(int slot) {
        ports[slot].connect(store(slot));
    }

    /** The way of the present owner to the slot's store. */
    StorePort port(int slot) {
        return ports[slot];
    }

    ChunkStore store(int slot) {
        return requireNonNull(stores[slot]);
    }

    /** A start of an owner; the one before it just stops, in the middle of whatever it does. */
    void startOwner() {
        hedged = hedged();
        VolumeOwner before = owner;
        if (before != null) {
            before.stop();
        }
        volume = volume.withOwner(1);
        serving = false;
        List<FragmentStore> bySlot = new ArrayList<>();
        for (int slot = 0; slot < ports.length; slot++) {
            StorePort old = ports[slot];
            ports[slot] = ways.apply(this::nextAssociation);
            ChunkStore store = stores[slot];
            if (store != null && (before == null || old.connection() != 0)) {
                ports[slot].connect(store);
            }
            bySlot.add(ports[slot]);
        }
        int count = ports.length;
        owner =
                new VolumeOwner(
                        volume,
                        PAGE_SHIFT,
                        SlotStores.of(bySlot),
                        list ->
                                (page, slots) -> {
                                    for (int chunk = 0; chunk < slots.length; chunk++) {
                                        slots[chunk] = (int) ((page + chunk) % count);
                                    }
                                },
                        OWNER,
                        new CopyBudget(),
                        clock,
                        () -> true,
                        new Decisions(volume.epoch()),
                        this);
    }

    /** Reads that did not wait for a late store. */
    long hedged() {
        VolumeOwner running = owner;
        return hedged + (running == null ? 0 : running.hedgeFigures().hedged());
    }

    @Override
    public void onServing(VolumeOwner by) {
        serving = true;
    }

    @Override
    public void onFenced(VolumeOwner by) {
        throw new AssertionError("an owner is fenced, and there is no newer one");
    }

    void awaitServing() {
        expect(() -> serving, () -> "the owner serving: " + progress());
    }

    void awaitInSync() {
        expect(() -> volume.behind().isEmpty(), () -> "all in sync: " + progress());
    }

    private String progress() {
        VolumeOwner running = owner;
        return (running == null ? "no owner" : running.progress()) + ", behind " + volume.behind();
    }

    IoRequest submit(
            IoOp op, int block, int count, MemorySegment buffer, IoRequest.Completion whenDone) {
        IoRequest request = new IoRequest().set(op, block, count, buffer, 0, whenDone);
        requireNonNull(owner).submit(request);
        return request;
    }

    /**
     * Stamps of all blocks, each of them one whole write. Read one part after the other, into one
     * buffer: memory that is touched for the first time costs more than the rest of a read.
     */
    long[] readAll() {
        long[] stamps = new long[BLOCKS];
        for (int from = 0; from < BLOCKS; from += READ_BLOCKS) {
            read(from, stamps);
        }
        return stamps;
    }

    private void read(int first, long[] stamps) {
        boolean[] done = {false};
        submit(
                IoOp.READ,
                first,
                READ_BLOCKS,
                readBuffer,
                (request, status) -> {
                    if (status != IoStatus.OK) {
                        throw new AssertionError(
                                "the read of block %d and more ended with %s"
                                        .formatted(first, status));
                    }
                    for (int i = 0; i < READ_BLOCKS; i++) {
                        stamps[first + i] =
                                Stamps.read(
                                        readBuffer,
                                        (long) i * BlockDevice.BLOCK_BYTES,
                                        BlockDevice.BLOCK_BYTES,
                                        first + i);
                    }
                    done[0] = true;
                });
        expect(() -> done[0], () -> "reads of all blocks: " + progress());
    }

    void expect(BooleanSupplier condition, Supplier<String> what) {
        if (!run(condition, LIMIT_NS)) {
            throw new AssertionError("it does not come to " + what.get());
        }
    }

    void runFor(long ns) {
        run(() -> false, ns);
    }

    boolean run(BooleanSupplier condition, long limitNs) {
        long endNs = clock.nowNs() + limitNs;
        int idle = 0;
        while (!condition.getAsBoolean()) {
            if (++steps > STEPS_MAX) {
                throw new AssertionError("it runs and runs, " + progress());
            }
            if (step() > 0) {
                idle = 0;
            } else if (++idle > 1) { // what one poll begins may need the next one
                long nextNs = Math.min(clock.nextNs(), ownerNs());
                if (nextNs > endNs) {
                    clock.moveTo(Math.max(clock.nowNs(), endNs));
                    return condition.getAsBoolean();
                }
                clock.moveTo(Math.max(clock.nowNs() + 1000, nextNs));
            }
        }
        return true;
    }

    private long ownerNs() {
        VolumeOwner running = owner;
        return running == null ? Long.MAX_VALUE : running.nextDeadlineNs();
    }

    private int step() {
        int work = clock.runDue();
        for (ChunkStore store : stores) {
            if (store != null) {
                work += store.poll(clock.nowNs());
            }
        }
        for (StorePort port : ports) {
            work += port.poll();
        }
        VolumeOwner running = owner;
        if (running != null) {
            work += running.poll(clock.nowNs());
        }
        work += decided.size();
        for (int i = decided.size(); i > 0; i--) {
            decided.remove().run();
        }
        return work;
    }

    @Override
    public void close() {
        memory.close();
    }

    /** The control plane's part, which needs no time and loses nothing. */
    private final class Decisions implements MapProposals {
        private final int epoch;

        Decisions(int epoch) {
            this.epoch = epoch;
        }

        /** Which slots are behind after it is decided when it is. */
        private void decide(UnaryOperator<SortedMap<Integer, Long>> change) {
            Runnable decision =
                    () -> {
                        VolumeOwner running = owner;
                        if (volume.epoch() == epoch && running != null) {
                            SortedMap<Integer, Long> behind = new TreeMap<>(volume.behind());
                            volume = volume.withBehind(change.apply(behind));
                            running.onMap(volume, SlotStores.of(List.of(ports)));
                        }
                    };
            long ns = decisionNs.getAsLong();
            if (ns == 0) {
                decided.add(decision);
            } else {
                clock.schedule(ns, decision);
            }
        }

        @Override
        public void markBehind(int vuid, int volumeEpoch, int slot, String reason) {
            decide(behind -> {
                if (behind.size() < Scheme.PARITY_FRAGMENTS || behind.containsKey(slot)) {
                    behind.put(slot, nextAssociation());
                }
                return behind;
            });
        }

        @Override
        public void markInSync(int vuid, int volumeEpoch, int slot, long markEpoch) {
            inSyncProposed.accept(slot);
            decide(behind -> {
                behind.remove(slot, markEpoch);
                return behind;
            });
        }

        @Override
        public void movePages(
                int vuid,
                int volumeEpoch,
                long since,
                long from,
                long to,
                SortedSet<Integer> without) {
            throw new AssertionError("nothing moves here");
        }

        @Override
        public void cutOff(int vuid, int epoch) {}

        @Override
        public void takeVolume(int vuid, int epoch) {}

        @Override
        public void deviceDown(UUID deviceId, String reason) {}

        @Override
        public void serving(int vuid, int volumeEpoch) {}
    }
}
