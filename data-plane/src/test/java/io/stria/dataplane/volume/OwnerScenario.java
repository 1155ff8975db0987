package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One volume, of scheme 2+2 on four stores if not told otherwise, for tests that tell one story.
 * The control plane decides at once what the owner proposes, unless that would leave more than two
 * slots behind.
 */
final class OwnerScenario implements MapProposals, VolumeOwner.Listener {
    static final int VUID = 7;
    static final int PAGE_SHIFT = 8;
    static final long SECOND_NS = 1_000_000_000L;
    static final OwnerConfig CONFIG =
            new OwnerConfig(
                    50_000_000L, 2 * SECOND_NS, 10_000_000L, 16, 0, 16, HedgeConfig.DEFAULT);

    /** Of the owners that begin from now on. */
    OwnerConfig config = CONFIG;

    final World world = new World(1);
    final Scheme scheme;
    final long blocks;
    final List<MemoryStore> stores = new ArrayList<>();
    final TreeMap<Integer, Long> behind = new TreeMap<>();
    Placing placing;

    Function<SlotList, PageLocations> placement = OwnerScenario::locations;

    /** Slots whose devices are lost for good. */
    final Set<Integer> lost = new TreeSet<>();

    /** Every mark and its end, in order. */
    final List<String> marks = new ArrayList<>();

    /** Every proposal to mark a slot, decided or not. */
    final List<String> proposals = new ArrayList<>();

    /** Every step of a movement that was proposed. */
    final List<String> steps = new ArrayList<>();

    /** Steps that were proposed and not decided: they may be yet. */
    final List<Runnable> undecided = new ArrayList<>();

    /** How often the owner has said that it is cut off. */
    int cutOffs;

    boolean decides = true;
    boolean decidesInSync = true;
    boolean decidesSteps = true;

    /** From a proposal to the map that shows what was decided. */
    long decisionNs = 1_000;

    boolean leased = true;
    List<MemoryStore.Client> clients = List.of();
    VolumeOwner owner;
    CopyBudget copyBudget = new CopyBudget();
    private long standsUntilNs;
    private int epoch;
    private long mapEpoch = 100;

    /** One IO of a host, and how it ended. */
    static final class Io implements IoRequest.Completion {
        final MemorySegment buffer;
        IoStatus status;

        Io(int blocks) {
            buffer = Arena.ofAuto().allocate((long) blocks * BlockDevice.BLOCK_BYTES, 64);
        }

        boolean hasEnded() {
            return status != null;
        }

        long value(int block) {
            return buffer.get(ValueLayout.JAVA_LONG, (long) block * BlockDevice.BLOCK_BYTES);
        }

        @Override
        public void complete(IoRequest request, IoStatus ended) {
            status = ended;
        }
    }

    OwnerScenario() {
        this(2);
    }

    OwnerScenario(int dataFragments) {
        this(dataFragments, 1000);
    }

    OwnerScenario(int dataFragments, long blocks) {
        this.blocks = blocks;
        scheme = new Scheme(dataFragments);
        for (int slot = 0; slot < scheme.fragments(); slot++) {
            stores.add(new MemoryStore(world));
        }
        placing = Placing.settled(new SlotList(stores.size(), new TreeSet<>()));
        startOwner();
        runUntil(() -> owner.isServing());
    }

    /** The owner's process ends, and the next one begins to take over. */
    void startOwner() {
        clients.forEach(MemoryStore.Client::die);
        copyBudget = new CopyBudget();
        epoch++;
        mapEpoch++;
        clients = stores.stream().map(MemoryStore::connect).toList();
        VolumeOwner started =
                new VolumeOwner(
                        entry(),
                        PAGE_SHIFT,
                        slotStores(),
                        list -> placement.apply(list),
                        config,
                        copyBudget,
                        world,
                        () -> leased,
                        this,
                        this);
        owner = started;
        poll(started);
    }

    private SlotStores slotStores() {
        List<MemoryStore.Client> stores = clients;
        return new SlotStores() {
            @Override
            public int slots() {
                return stores.size();
            }

            @Override
            public FragmentStore store(int slot) {
                return stores.get(slot);
            }

            @Override
            public boolean isLost(int slot) {
                return lost.contains(slot);
            }
        };
    }

    /** Chunk j is on the j-th slot that the list has. */
    private static PageLocations locations(SlotList list) {
        return (page, slots) -> {
            int slot = 0;
            for (int j = 0; j < slots.length; j++) {
                while (!list.contains(slot)) {
                    slot++;
                }
                slots[j] = slot++;
            }
        };
    }

    private void poll(VolumeOwner started) {
        if (started == owner) {
            if (world.nowNs() >= standsUntilNs) {
                owner.poll(world.nowNs());
            }
            world.after(50_000, () -> poll(started));
        }
    }

    /** The owner's reactor does nothing for so long, from now on once in each period. */
    void standStill(long ns, long everyNs) {
        standsUntilNs = world.nowNs() + ns;
        world.after(everyNs, () -> standStill(ns, everyNs));
    }

    private VolumeEntry entry() {
        return SimulatedDecisions.entry(VUID, blocks, scheme, epoch, behind, placing);
    }

    Io begin(IoOp op, long block, int blocks, long value) {
        Io io = new Io(blocks);
        for (int i = 0; i < blocks; i++) {
            io.buffer.set(ValueLayout.JAVA_LONG, (long) i * BlockDevice.BLOCK_BYTES, value);
        }
        owner.submit(new IoRequest().set(op, block, blocks, io.buffer, 0, io));
        return io;
    }

    IoStatus write(long block, int blocks, long value) {
        return end(begin(IoOp.WRITE, block, blocks, value)).status;
    }

    /** What the block reads, which must end well. */
    long read(long block) {
        Io io = end(begin(IoOp.READ, block, 1, 0));
        assertEquals(IoStatus.OK, io.status);
        return io.value(0);
    }

    Io end(Io io) {
        runUntil(io::hasEnded);
        return io;
    }

    void runUntil(BooleanSupplier done) {
        long limitNs = world.nowNs() + 30 * SECOND_NS;
        while (!done.getAsBoolean()) {
            assertTrue(world.nowNs() < limitNs, () -> "never: " + owner.progress() + " " + marks);
            world.step();
        }
    }

    /** As {@link #CONFIG}, with scrubs. */
    static OwnerConfig scrubbingEvery(long ns) {
        return new OwnerConfig(
                CONFIG.silentStoreNs(),
                CONFIG.hostWaitNs(),
                CONFIG.proposalRepeatNs(),
                CONFIG.opsMax(),
                ns,
                CONFIG.windowPages(),
                CONFIG.hedges());
    }

    void runFor(long ns) {
        long untilNs = world.nowNs() + ns;
        while (world.nowNs() < untilNs) {
            world.step();
        }
    }

    /** The map says something new that does not stand in the volume's entry. */
    void mapChanges() {
        decide(() -> {});
    }

    private void decide(Runnable change) {
        mapEpoch++;
        change.run();
        VolumeOwner at = owner;
        world.after(
                decisionNs,
                () -> {
                    if (at == owner) {
                        owner.onMap(entry(), slotStores());
                    }
                });
    }

    @Override
    public void markBehind(int vuid, int atEpoch, int slot, String reason) {
        proposals.add(slot + " " + reason);
        boolean may = placing.uses(slot) && (behind.containsKey(slot) || behind.size() < 2);
        if (decides && may) {
            decide(() -> {
                marks.add(slot + " behind");
                mark(slot);
            });
        }
    }

    private void mark(int slot) {
        if (behind.put(slot, mapEpoch) == null) {
            placing = placing.marked(slot, mapEpoch);
        }
    }

    /** As when the node registers anew that the slot's device is in. */
    void markAnew(int slot) {
        decide(() -> mark(slot));
    }

    @Override
    public void markInSync(int vuid, int atEpoch, int slot, long markEpoch) {
        if (decidesInSync && Long.valueOf(markEpoch).equals(behind.get(slot))) {
            decide(() -> {
                marks.add(slot + " in sync");
                behind.remove(slot);
                placing = placing.complete(slot);
            });
        }
    }

    @Override
    public void movePages(
            int vuid, int atEpoch, long since, long from, long to, SortedSet<Integer> without) {
        steps.add(from + " to " + to + " without " + without);
        Runnable step =
                () -> {
                    if (atEpoch == epoch
                            && placing.isMoving()
                            && placing.since() == since
                            && !placing.isHeld()
                            && placing.cursor() == from
                            && behind.keySet().containsAll(without)) {
                        decide(() -> {
                            placing = placing.moved(to, pages(), without);
                            without.forEach(slot -> behind.put(slot, mapEpoch));
                        });
                    }
                };
        if (decides && decidesSteps) {
            step.run();
        } else {
            undecided.add(step);
        }
    }

    long pages() {
        return entry().pages(PAGE_SHIFT);
    }

    /** Chunks are to be on these slots; more stores are added for them. */
    void moveTo(int slots, Integer... removed) {
        moving(slots, removed);
        runFor(1_000_000L);
    }

    void moving(int slots, Integer... removed) {
        while (stores.size() < slots) {
            stores.add(new MemoryStore(world));
            List<MemoryStore.Client> more = new ArrayList<>(clients);
            more.add(stores.getLast().connect());
            clients = more;
        }
        decide(() ->
                placing =
                        placing.towards(
                                new SlotList(slots, new TreeSet<>(List.of(removed))), mapEpoch));
    }

    /** No step is decided from now on, or steps are again. */
    void hold(boolean isToBe) {
        decide(() -> placing = placing.held(isToBe, mapEpoch));
    }

    @Override
    public void deviceDown(UUID deviceId, String reason) {
        throw new AssertionError("owners have no devices");
    }

    @Override
    public void cutOff(int vuid, int atEpoch) {
        cutOffs++;
    }

    @Override
    public void takeVolume(int vuid, int atEpoch) {
        throw new AssertionError("owners take nothing");
    }

    @Override
    public void serving(int vuid, int atEpoch) {}

    @Override
    public void onServing(VolumeOwner of) {}

    @Override
    public void onFenced(VolumeOwner of) {
        throw new AssertionError("the only owner was fenced");
    }
}
