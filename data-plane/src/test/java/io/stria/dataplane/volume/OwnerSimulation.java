package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * One volume under one seed: hosts that read, write and unmap; an owner that is killed and
 * replaced; stores that go away and come back, at most two of them missing or catching up at a
 * time; fragments that rot. Checked: every read returns the acknowledged value of its logical block
 * or one of an unacknowledged write begun since; a value once read stays; and in the end all
 * fragments of all blocks agree with their data. Logical blocks of 512 bytes are written by several
 * hosts at a time, eight to a block.
 */
final class OwnerSimulation implements VolumeOwner.Listener, MapProposals {
    private static final int VUID = 7;
    private static final int PAGE_SHIFT = 8;
    private static final int BLOCKS = 1200;
    private static final int HOST_IOS = 12;
    private static final OwnerConfig CONFIG =
            new OwnerConfig(
                    50_000_000L,
                    2_000_000_000L,
                    10_000_000L,
                    64,
                    400_000_000L,
                    2,
                    new HedgeConfig(50, 60_000L, 200_000L));

    private final World world;
    private final Scheme scheme;
    private final int slots;
    private final List<MemoryStore> stores = new ArrayList<>();
    private final ArrayDeque<String> story = new ArrayDeque<>();
    private final Map<Long, BlockHistory> lbas = new HashMap<>();
    private final int lbaBytes;
    private final int lbasPerBlock;
    private final List<HostOp> hosts = new ArrayList<>();
    private List<MemoryStore.Client> clients = List.of();
    private VolumeOwner owner;
    private long ownerLife;
    private int epoch;
    private long mapEpoch = 100;
    private final TreeMap<Integer, Long> behind = new TreeMap<>();
    private final boolean rots;
    private final boolean moves;
    private final TreeMap<Integer, MemoryStore.Client> hanging = new TreeMap<>();
    private final TreeSet<Integer> full = new TreeSet<>();
    private final boolean rollsBack;
    private final List<List<MemoryStore.Image>> images = new ArrayList<>();
    private final TreeSet<Integer> rolledBack = new TreeSet<>();
    private boolean faults = true;
    private long nextStamp = 1;
    private long acknowledged;
    private long moved;
    private long hedged;
    private long mended;

    /** Some store has lost something that it had. */
    private boolean touched;

    private Placing placing;
    private boolean hostsStopped;

    OwnerSimulation(long seed, int dataFragments) {
        this(seed, dataFragments, BlockDevice.BLOCK_BYTES);
    }

    OwnerSimulation(long seed, int dataFragments, int lbaBytes) {
        world = new World(seed);
        this.lbaBytes = lbaBytes;
        lbasPerBlock = BlockDevice.BLOCK_BYTES / lbaBytes;
        scheme = new Scheme(dataFragments);
        rots = seed % 3 == 0;
        // Pages of 8+2 are long, and each takes a movement through all that hosts write meanwhile.
        moves = seed % (dataFragments == 8 ? 9 : 3) == 1;
        rollsBack = seed % 2 == 0 && !moves;
        slots = scheme.fragments() + 1 + world.random.nextInt(3);
        for (int slot = 0; slot < slots; slot++) {
            stores.add(new MemoryStore(world));
            images.add(new ArrayList<>(List.of(stores.get(slot).image())));
        }
        placing = Placing.settled(new SlotList(slots, new TreeSet<>()));
    }

    /** Pages of all movements' steps. */
    long moved() {
        return moved;
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Reads of all owners that did not wait for a late store. */
    long hedged() {
        return hedged + (owner == null ? 0 : owner.hedgeFigures().hedged());
    }

    /** Fragments that owners found wrong and mended. */
    private long mended() {
        return mended + (owner == null ? 0 : owner.scrubFigures().faults() + owner.readRepairs());
    }

    String story() {
        return String.join("\n", story);
    }

    void run() {
        startOwner();
        for (int i = 0; i < HOST_IOS; i++) {
            hosts.add(new HostOp());
        }
        scheduleFault();
        runUntilNs(1_500_000_000L);
        faults = false;
        log("faults end");
        for (MemoryStore store : stores) {
            if (!store.isUp()) {
                store.setUp(true);
            }
        }
        long limitNs = world.nowNs() + 20_000_000_000L;
        while (!(behind.isEmpty() && owner.isServing() && !placing.isMoving())
                && world.nowNs() < limitNs) {
            runUntilNs(world.nowNs() + 50_000_000L);
        }
        if (!behind.isEmpty() || !owner.isServing() || placing.isMoving()) {
            throw new AssertionError(
                    "did not recover: " + owner.progress() + ", behind " + behind + ", " + placing);
        }
        runUntilNs(world.nowNs() + 200_000_000L);
        hostsStopped = true;
        runUntilNs(world.nowNs() + 3_000_000_000L);
        for (HostOp host : hosts) {
            if (host.busy) {
                throw new AssertionError("an IO never ended: " + host);
            }
        }
        new FinalReads().run();
        if (rots || touched) {
            awaitScrub();
        } else if (mended() > 0) {
            throw new AssertionError(
                    mended() + " fragments had to be mended, though no store lost anything");
        }
        scrub();
    }

    /** A pass of the owner finds what rots, and what no read has needed. */
    private void awaitScrub() {
        long limitNs = world.nowNs() + 60_000_000_000L;
        while (owner.scrubFigures().underWay()) {
            runUntilNs(world.nowNs() + 10_000_000L);
        }
        long before = owner.scrubFigures().passes();
        owner.scrubNow();
        while (owner.scrubFigures().passes() == before) {
            if (world.nowNs() > limitNs) {
                throw new AssertionError("no end of the owner's scrub: " + owner.progress());
            }
            runUntilNs(world.nowNs() + 10_000_000L);
        }
    }

    private void runUntilNs(long timeNs) {
        while (world.nowNs() < timeNs) {
            world.step();
        }
    }

    private void log(String line) {
        if (story.size() == 400) {
            story.remove();
        }
        story.add(world.nowNs() / 1000 + " us " + line);
    }

    // --- the control plane, reduced to what an owner sees of it

    private void startOwner() {
        hedged = hedged();
        mended = mended();
        epoch++;
        mapEpoch++;
        long life = ++ownerLife;
        clients = stores.stream().map(MemoryStore::connect).toList();
        log("owner of epoch " + epoch + " starts, behind " + behind);
        owner =
                new VolumeOwner(
                        entry(),
                        PAGE_SHIFT,
                        SlotStores.of(clients),
                        this::locations,
                        CONFIG,
                        new CopyBudget(),
                        world,
                        () -> true,
                        this,
                        this);
        pollOwner(life);
    }

    private void pollOwner(long life) {
        if (life == ownerLife) {
            owner.poll(world.nowNs());
            world.after(20_000 + world.random.nextInt(50_000), () -> pollOwner(life));
        }
    }

    private VolumeEntry entry() {
        return new VolumeEntry(
                VUID,
                new UUID(1, 2),
                "v",
                "nqn.2026-11.io.stria:test:v",
                (long) BLOCKS * BlockDevice.BLOCK_BYTES,
                scheme,
                Tolerance.DEVICE,
                VolumeState.ONLINE,
                epoch,
                1,
                List.of(1),
                new TreeMap<>(behind),
                VolumeEntry.LBA_BYTES_DEFAULT,
                placing);
    }

    private PageLocations locations(SlotList list) {
        int[] listed =
                java.util.stream.IntStream.range(0, list.slots()).filter(list::contains).toArray();
        return (page, out) -> {
            for (int j = 0; j < out.length; j++) {
                out[j] = listed[(int) ((page * 3 + j) % listed.length)];
            }
        };
    }

    private void locate(long page, int[] out) {
        locations(placing.of(page)).locate(page, out);
    }

    /** Another list of slots; at least n+2 stay. */
    private void move() {
        if (placing.isMoving() || !moves) {
            return;
        }
        TreeSet<Integer> removed = new TreeSet<>();
        while (slots - removed.size() > scheme.fragments() && world.random.nextInt(3) > 0) {
            removed.add(world.random.nextInt(slots));
        }
        mapEpoch++;
        placing = placing.towards(new SlotList(slots, removed), mapEpoch);
        log("chunks move to slots without " + removed);
        push();
    }

    private void push() {
        long life = ownerLife;
        VolumeEntry decided = entry();
        world.after(
                world.someDelayNs(),
                () -> {
                    if (life == ownerLife
                            && decided.epoch() == owner.epoch()
                            && isNewest(decided)) {
                        owner.onMap(decided, SlotStores.of(clients));
                    }
                });
    }

    @Override
    public void movePages(
            int vuid, int atEpoch, long since, long from, long to, SortedSet<Integer> without) {
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (placing.since() == since
                            && placing.cursor() == from
                            && behind.keySet().containsAll(without)) {
                        log("pages " + from + " to " + to + " have moved, without " + without);
                        placing = placing.moved(to, entry().pages(PAGE_SHIFT), without);
                        without.forEach(slot -> behind.put(slot, mapEpoch));
                        behind.keySet().removeIf(slot -> !placing.uses(slot));
                        moved += to - from;
                    }
                });
    }

    private void decide(int atEpoch, Runnable change) {
        world.after(
                world.someDelayNs() * 5,
                () -> {
                    if (atEpoch == epoch) {
                        mapEpoch++;
                        change.run();
                        push();
                    }
                });
    }

    private boolean isNewest(VolumeEntry decided) {
        return decided.behind().equals(behind)
                && decided.placing().equals(placing); // a later push brings the rest
    }

    @Override
    public void markBehind(int vuid, int atEpoch, int slot, String reason) {
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (placing.uses(slot) && (behind.containsKey(slot) || behind.size() < 2)) {
                        log("slot " + slot + " is behind: " + reason);
                        if (behind.put(slot, mapEpoch) == null) {
                            placing = placing.marked(slot, mapEpoch);
                        }
                    }
                });
    }

    @Override
    public void markInSync(int vuid, int atEpoch, int slot, long markEpoch) {
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (Long.valueOf(markEpoch).equals(behind.get(slot))) {
                        log("slot " + slot + " is in sync");
                        behind.remove(slot);
                        placing = placing.complete(slot);
                    }
                });
    }

    @Override
    public void deviceDown(UUID deviceId, String reason) {
        throw new AssertionError("owners have no devices");
    }

    @Override
    public void cutOff(int vuid, int epoch) {}

    @Override
    public void takeVolume(int vuid, int epoch) {}

    @Override
    public void serving(int vuid, int atEpoch) {
        log("owner of epoch " + atEpoch + " serves");
    }

    @Override
    public void onServing(VolumeOwner of) {}

    @Override
    public void onFenced(VolumeOwner of) {
        throw new AssertionError("the only owner was fenced");
    }

    // --- faults

    private void scheduleFault() {
        world.after(
                5_000_000L + world.random.nextInt(60_000_000),
                () -> {
                    if (faults) {
                        fault();
                        scheduleFault();
                    }
                });
    }

    private void fault() {
        switch (world.random.nextInt(rollsBack ? 13 : 10)) {
            case 0, 1 -> killOwner();
            case 2 -> {
                int slot = world.random.nextInt(slots);
                log("connection to slot " + slot + " breaks");
                clients.get(slot).breakConnection();
            }
            case 3, 4 -> toggleStore(world.random.nextInt(slots));
            case 5 -> hang(world.random.nextInt(slots));
            case 6 -> fill(world.random.nextInt(slots));
            case 7, 8 -> move();
            case 10 -> rollBack(world.random.nextInt(slots));
            case 11, 12 -> {
                int slot = world.random.nextInt(slots);
                images.get(slot).add(stores.get(slot).image());
            }
            default -> {
                if (rots) {
                    if (stores.get(0).rot(VUID)) {
                        log("a fragment on slot 0 rots");
                    }
                }
            }
        }
    }

    private void killOwner() {
        log("owner of epoch " + epoch + " is killed");
        ownerLife++;
        clients.forEach(MemoryStore.Client::die);
        hosts.forEach(HostOp::ownerDied);
        startOwner();
    }

    private void toggleStore(int slot) {
        MemoryStore store = stores.get(slot);
        if (store.isUp() && !mayLose(slot)) {
            return;
        }
        log("store " + slot + (store.isUp() ? " goes away" : " comes back"));
        if (!store.isUp() && world.random.nextInt(4) == 0) {
            log("and cannot read the header of a page");
            store.loseChunk(VUID, PAGE_SHIFT);
            touched = true;
        } else {
            store.setUp(!store.isUp());
        }
    }

    /** One command hangs: on a local device until it answers, else the connection is given up. */
    private void hang(int slot) {
        if (!stores.get(slot).isUp() || !mayLose(slot)) {
            return; // it will be marked behind, like any other loss
        }
        MemoryStore.Client client = clients.get(slot);
        boolean local = world.random.nextBoolean();
        hanging.put(slot, client);
        client.hangNext(request -> {
            log("a command on slot " + slot + " hangs" + (local ? ", locally" : ""));
            world.after(
                    local ? 700_000_000L : 300_000_000L,
                    () -> {
                        hanging.remove(slot, client);
                        if (local) {
                            client.answer(request);
                        } else if (clients.contains(client)) {
                            client.breakConnection();
                        }
                    });
        });
    }

    /** For a while the store has no room for new pages. */
    private void fill(int slot) {
        if (!full.contains(slot) && mayLose(slot)) { // a take-over may go on without it
            log("store " + slot + " is full");
            full.add(slot);
            stores.get(slot).fill(PAGE_SHIFT);
            world.after(
                    100_000_000L,
                    () -> {
                        full.remove(slot);
                        stores.get(slot).makeRoom();
                    });
        }
    }

    private boolean mayLose(int slot) {
        TreeSet<Integer> lost = new TreeSet<>(behind.keySet());
        hanging.values().retainAll(clients);
        lost.addAll(hanging.keySet());
        lost.addAll(full);
        if (owner.isServing()) {
            rolledBack.removeIf(s -> owner.links().get(s).isReadable());
        }
        lost.addAll(rolledBack);
        for (int s = 0; s < slots; s++) {
            if (!stores.get(s).isUp() || stores.get(s).isForgetful()) {
                lost.add(s);
            }
        }
        lost.add(slot);
        return lost.size() <= (rots ? 1 : 2); // what rots on slot 0 is lost until it is repaired
    }

    /** The store comes back as it was once, or empty, and nobody was told. */
    private void rollBack(int slot) {
        MemoryStore store = stores.get(slot);
        if (!store.isUp() || !mayLose(slot)) {
            return;
        }
        List<MemoryStore.Image> of = images.get(slot);
        int image = world.random.nextInt(of.size());
        log("store " + slot + " is rolled back to its image " + image + " of " + of.size());
        rolledBack.add(slot);
        touched = true;
        store.setUp(false);
        store.rollBack(of.get(image));
        world.after(world.someDelayNs(), () -> store.setUp(true));
    }

    // --- hosts

    /** What may be read of one logical block. Stamp 0 stands for zeros. */
    private static final class BlockHistory {
        long acknowledged;
        final List<Long> possible = new ArrayList<>();
        final List<Long> begun = new ArrayList<>();
        int writesInFlight;
    }

    private BlockHistory history(long lba) {
        return lbas.computeIfAbsent(lba, b -> new BlockHistory());
    }

    /** The blocks that logical blocks are in, with what is left out of them. */
    private IoRequest set(
            IoRequest request,
            IoOp op,
            long lba,
            int count,
            MemorySegment buffer,
            IoRequest.Completion completion) {
        long block = lba / lbasPerBlock;
        long end = (lba + count + lbasPerBlock - 1) / lbasPerBlock;
        return request.set(op, block, (int) (end - block), buffer, 0, completion)
                .trim(
                        (int) (lba - block * lbasPerBlock) * lbaBytes,
                        (int) (end * lbasPerBlock - lba - count) * lbaBytes);
    }

    /** One IO at a time against whoever owns the volume. */
    private final class HostOp implements IoRequest.Completion {
        private final MemorySegment buffer =
                Arena.ofAuto().allocate(64L * BlockDevice.BLOCK_BYTES, 64);
        private final IoRequest request = new IoRequest();
        private final List<List<Long>> allowedAtStart = new ArrayList<>();
        private final List<Integer> begunAtStart = new ArrayList<>();
        private boolean busy;
        private long life;
        private long stamp;
        private long first;
        private int count;
        private IoOp op = IoOp.READ;

        HostOp() {
            next();
        }

        @Override
        public String toString() {
            return op + " " + first + "+" + count + " stamp " + stamp;
        }

        private void next() {
            world.after(10_000 + world.random.nextInt(100_000), this::begin);
        }

        private void begin() {
            if (hostsStopped) {
                return;
            }
            op = IoOp.values()[world.random.nextInt(3)];
            if (op == IoOp.UNMAP && world.random.nextInt(3) > 0) {
                op = IoOp.WRITE;
            }
            count = 1 + world.random.nextInt(world.random.nextInt(4) == 0 ? 64 : 4);
            first = world.random.nextInt(BLOCKS * lbasPerBlock - count + 1);
            if (world.random.nextInt(3) > 0) {
                first %= 40;
            }
            if (!owner.isServing()) {
                next();
                return;
            }
            if (op != IoOp.READ && !mayWrite()) {
                op = IoOp.READ; // hosts do not write a logical block twice at a time, the order
                // would be anybody's
            }
            life = ownerLife;
            busy = true;
            allowedAtStart.clear();
            begunAtStart.clear();
            stamp = op == IoOp.WRITE ? nextStamp++ : 0;
            for (int i = 0; i < count; i++) {
                BlockHistory history = history(first + i);
                if (op == IoOp.READ) {
                    List<Long> allowed = new ArrayList<>(history.possible);
                    allowed.add(history.acknowledged);
                    allowedAtStart.add(allowed);
                    begunAtStart.add(history.begun.size());
                } else {
                    history.writesInFlight++;
                    history.possible.add(stamp);
                    history.begun.add(stamp);
                    fill(i);
                }
            }
            owner.submit(set(request, op, first, count, buffer, this));
        }

        private boolean mayWrite() {
            for (int i = 0; i < count; i++) {
                if (history(first + i).writesInFlight > 0) {
                    return false;
                }
            }
            return true;
        }

        private void fill(int i) {
            Stamps.fill(buffer, (long) i * lbaBytes, lbaBytes, first + i, stamp);
        }

        private long read(int i) {
            return Stamps.read(buffer, (long) i * lbaBytes, lbaBytes, first + i);
        }

        @Override
        public void complete(IoRequest completed, IoStatus status) {
            if (life != ownerLife) {
                throw new AssertionError("a dead owner answered");
            }
            busy = false;
            if (op == IoOp.READ) {
                if (status == IoStatus.OK) {
                    checkRead();
                } else if (status == IoStatus.MEDIA_ERROR) {
                    throw new AssertionError("block lost: " + this);
                }
            } else {
                for (int i = 0; i < count; i++) {
                    BlockHistory history = history(first + i);
                    history.writesInFlight--;
                    if (status == IoStatus.OK) {
                        history.acknowledged = stamp;
                        history.possible.clear();
                    }
                }
                acknowledged += status == IoStatus.OK ? 1 : 0;
            }
            next();
        }

        private void checkRead() {
            for (int i = 0; i < count; i++) {
                BlockHistory history = history(first + i);
                long value = read(i);
                boolean allowed =
                        allowedAtStart.get(i).contains(value)
                                || history.begun
                                        .subList(begunAtStart.get(i), history.begun.size())
                                        .contains(value);
                if (!allowed) {
                    throw new AssertionError(
                            "block "
                                    + (first + i)
                                    + " reads "
                                    + value
                                    + ", acknowledged "
                                    + history.acknowledged
                                    + ", possible "
                                    + history.possible);
                }
                // A read of many blocks may have seen this one before a write that ended since.
                boolean isNews =
                        history.writesInFlight == 0 && history.begun.size() == begunAtStart.get(i);
                if (isNews && value != history.acknowledged && history.possible.contains(value)) {
                    history.acknowledged = value; // once read, it stays
                    history.possible.clear();
                } else if (isNews && value == history.acknowledged) {
                    history.possible.clear(); // what was not taken over never comes back
                }
            }
        }

        void ownerDied() {
            if (!busy) {
                return;
            }
            busy = false;
            if (op != IoOp.READ) {
                for (int i = 0; i < count; i++) {
                    history(first + i).writesInFlight--;
                }
            }
            next();
        }
    }

    /** Reads every block ever written, one after the other. */
    private final class FinalReads implements IoRequest.Completion {
        private final MemorySegment buffer = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        private IoStatus ended;

        void run() {
            for (var entry : lbas.entrySet()) {
                ended = null;
                owner.submit(set(new IoRequest(), IoOp.READ, entry.getKey(), 1, buffer, this));
                while (ended == null) {
                    world.step();
                }
                long value =
                        ended == IoStatus.OK
                                ? Stamps.read(buffer, 0, lbaBytes, entry.getKey())
                                : Stamps.ZEROS;
                BlockHistory history = entry.getValue();
                if (ended != IoStatus.OK
                        || (value != history.acknowledged && !history.possible.contains(value))) {
                    throw new AssertionError(
                            "at the end block "
                                    + entry.getKey()
                                    + " is "
                                    + ended
                                    + " "
                                    + value
                                    + ", acknowledged "
                                    + history.acknowledged
                                    + ", possible "
                                    + history.possible);
                }
            }
            runUntilNs(world.nowNs() + 1_000_000_000L); // repairs
        }

        @Override
        public void complete(IoRequest request, IoStatus status) {
            ended = status;
        }
    }

    /**
     * All fragments of all blocks are of one version, and compared with a fresh encoding of their
     * data; or none is there.
     */
    private void scrub() {
        StripeLayout layout = new StripeLayout(VUID, scheme, PAGE_SHIFT);
        TreeSet<Long> blocks = new TreeSet<>();
        lbas.keySet().forEach(lba -> blocks.add(lba / lbasPerBlock));
        int[] at = new int[scheme.fragments()];
        for (long block : blocks) {
            long page = layout.page(block);
            locate(page, at);
            byte[][] found = new byte[at.length][];
            TreeSet<Long> versions = new TreeSet<>();
            for (int j = 0; j < at.length; j++) {
                long address = layout.address(page, j, layout.indexInPage(block));
                found[j] = stores.get(at[j]).newest(address);
                versions.add(
                        found[j] == null ? Version.NONE : stores.get(at[j]).newestVersion(address));
            }
            if (versions.size() != 1) {
                throw new AssertionError(
                        "at the end block %d has fragments of %s"
                                .formatted(
                                        block, versions.stream().map(Version::toString).toList()));
            }
            if (versions.first() != Version.NONE) {
                checkParity(block, found);
            }
        }
    }

    private void checkParity(long block, byte[][] found) {
        int f = scheme.fragmentBytes();
        MemorySegment data = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        MemorySegment parity = Arena.ofAuto().allocate(2L * f, 64);
        for (int j = 0; j < scheme.dataFragments(); j++) {
            MemorySegment.copy(found[j], 0, data, ValueLayout.JAVA_BYTE, (long) j * f, f);
        }
        io.stria.rdp.RdpCode.of(scheme.dataFragments()).encode(data, 0, parity, 0, parity, f);
        for (int p = 0; p < 2; p++) {
            byte[] expected = parity.asSlice((long) p * f, f).toArray(ValueLayout.JAVA_BYTE);
            if (!Arrays.equals(expected, found[scheme.dataFragments() + p])) {
                throw new AssertionError(
                        "parity " + p + " of block " + block + " does not match its data");
            }
        }
    }
}
