package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One volume under one seed: hosts that read, write, unmap and give up; an owner that is killed and
 * replaced; stores that go away and come back, at most two of them missing or catching up at a
 * time; fragments that rot. Checked: every read returns what it may ({@link SimulatedHosts}), and
 * in the end all fragments of all blocks agree with their data. Logical blocks of 512 bytes are
 * written by several hosts at a time, eight to a block.
 */
final class OwnerSimulation implements VolumeOwner.Listener {
    private static final int VUID = 7;
    private static final int PAGE_SHIFT = 8;
    private static final int BLOCKS = 1200;
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
    private final SimulatedHosts hosts;
    private final SimulatedDecisions decisions;
    private List<MemoryStore.Client> clients = List.of();
    private VolumeOwner owner;
    private long ownerLife;
    private final boolean rots;
    private final boolean moves;
    private final TreeMap<Integer, MemoryStore.Client> hanging = new TreeMap<>();
    private final TreeSet<Integer> full = new TreeSet<>();
    private final boolean rollsBack;
    private final List<List<MemoryStore.Image>> images = new ArrayList<>();
    private final TreeSet<Integer> rolledBack = new TreeSet<>();

    /** If chunks move: the volume in the map that had just arrived when the images were made. */
    private VolumeEntry imagesOf;

    /** Slots that have lost what was copied there, with the map in which pages moved there then. */
    private final TreeMap<Integer, Placing> lostCopies = new TreeMap<>();

    private final TreeSet<Integer> slotsThatLost = new TreeSet<>();

    private boolean faults = true;
    private long hedged;
    private long mended;

    /** Some store has lost something that it had. */
    private boolean touched;

    OwnerSimulation(long seed, int dataFragments) {
        this(seed, dataFragments, BlockDevice.BLOCK_BYTES);
    }

    OwnerSimulation(long seed, int dataFragments, int lbaBytes) {
        world = new World(seed);
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
        hosts = new SimulatedHosts(world, BLOCKS, lbaBytes);
        decisions =
                new SimulatedDecisions(
                        world, VUID, PAGE_SHIFT, BLOCKS, scheme, slots, this::onMap, this::log);
    }

    long acknowledged() {
        return hosts.acknowledged();
    }

    /** IOs that ended because their hosts had given them up. */
    long givenUp() {
        return hosts.givenUp();
    }

    /** Fragments that hosts have discarded on slots that drop other versions, being behind. */
    long discardedWhileBehind() {
        return stores.stream().mapToLong(MemoryStore::discardedAlone).sum();
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
        hosts.start();
        scheduleFault();
        runUntilNs(1_500_000_000L);
        faults = false;
        log("faults end");
        for (MemoryStore store : stores) {
            if (!store.isUp()) {
                store.setUp(true);
            }
        }
        long limitNs = world.nowNs() + 60_000_000_000L; // movements go slowly beside hosts
        while (!hasRecovered() && world.nowNs() < limitNs) {
            runUntilNs(world.nowNs() + 50_000_000L);
        }
        if (!hasRecovered()) {
            throw new AssertionError(
                    "did not recover: "
                            + owner.progress()
                            + ", behind "
                            + decisions.behind()
                            + ", "
                            + decisions.placing());
        }
        runUntilNs(world.nowNs() + 200_000_000L);
        hosts.stop();
        runUntilNs(world.nowNs() + 3_000_000_000L);
        hosts.requireIdle();
        hosts.readAll();
        runUntilNs(world.nowNs() + 1_000_000_000L); // repairs
        if (rots || touched) {
            awaitScrub();
        } else if (mended() > 0) {
            throw new AssertionError(
                    mended() + " fragments had to be mended, though no store lost anything");
        }
        checkFragments();
    }

    private void checkFragments() {
        StripeLayout layout = new StripeLayout(VUID, scheme, PAGE_SHIFT);
        FragmentsCheck check = new FragmentsCheck(layout, stores);
        int[] at = new int[layout.fragments()];
        for (long block : hosts.blocks()) {
            decisions.locate(layout.page(block), at);
            check.check(block, at);
        }
    }

    private boolean hasRecovered() {
        return decisions.behind().isEmpty() && owner.isServing() && !decisions.placing().isMoving();
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

    private void startOwner() {
        hedged = hedged();
        mended = mended();
        decisions.nextEpoch();
        long life = ++ownerLife;
        clients = stores.stream().map(MemoryStore::connect).toList();
        log("owner of epoch " + decisions.epoch() + " starts, behind " + decisions.behind());
        owner =
                new VolumeOwner(
                        decisions.entry(),
                        PAGE_SHIFT,
                        SlotStores.of(clients),
                        SimulatedDecisions::locations,
                        CONFIG,
                        new CopyBudget(),
                        world,
                        () -> true,
                        decisions,
                        this);
        hosts.onOwner(owner);
        pollOwner(life);
    }

    private void pollOwner(long life) {
        if (life == ownerLife) {
            owner.poll(world.nowNs());
            world.after(20_000 + world.random.nextInt(50_000), () -> pollOwner(life));
        }
    }

    private void onMap(VolumeEntry decided) {
        owner.onMap(decided, SlotStores.of(clients));
        if (moves && !decided.equals(imagesOf)) {
            imagesOf = decided;
            for (int slot = 0; slot < slots; slot++) {
                images.set(slot, List.of(stores.get(slot).image()));
            }
        }
    }

    @Override
    public void onServing(VolumeOwner of) {}

    @Override
    public void onFenced(VolumeOwner of) {
        throw new AssertionError("the only owner was fenced");
    }

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
        switch (world.random.nextInt(rollsBack ? 13 : moves ? 11 : 10)) {
            case 0, 1 -> {
                if (!owesWhatOnlyTheOwnerKnows()) {
                    killOwner();
                }
            }
            case 2 -> {
                int slot = world.random.nextInt(slots);
                log("connection to slot " + slot + " breaks");
                clients.get(slot).breakConnection();
            }
            case 3, 4 -> toggleStore(world.random.nextInt(slots));
            case 5 -> hang(world.random.nextInt(slots));
            case 6 -> fill(world.random.nextInt(slots));
            case 7, 8 -> {
                if (moves) {
                    decisions.move();
                }
            }
            case 10 -> {
                if (moves) {
                    decisions.withNextStep(this::loseCopies);
                } else {
                    rollBack(world.random.nextInt(slots));
                }
            }
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
        log("owner of epoch " + decisions.epoch() + " is killed");
        ownerLife++;
        hosts.onOwnerKilled();
        clients.forEach(MemoryStore.Client::die);
        hosts.giveUp();
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
        TreeSet<Integer> lost = new TreeSet<>(decisions.behind().keySet());
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

    /** What was copied to some store for the step that is proposed is lost before it is decided. */
    private void loseCopies() {
        Placing now = decisions.placing();
        int slot = world.random.nextInt(slots);
        MemoryStore store = stores.get(slot);
        if (faults
                && now.isMoving()
                && decisions.entry().equals(imagesOf)
                && now.to().contains(slot)
                && !decisions.behind().containsKey(slot)
                && store.isUp()
                && mayLose(slot)
                && slotsThatLost.add(slot)) {
            log("store " + slot + " loses what was copied there");
            rolledBack.add(slot);
            lostCopies.put(slot, now);
            store.setUp(false);
            store.rollBack(images.get(slot).getLast());
            world.after(world.someDelayNs(), () -> store.setUp(true));
        }
    }

    /** A step was decided over copies that were lost; the next owner could not know. */
    private boolean owesWhatOnlyTheOwnerKnows() {
        Placing now = decisions.placing();
        if (owner.isServing() && owner.pages().placing().equals(now)) {
            lostCopies
                    .entrySet()
                    .removeIf(lost -> {
                        StoreLink link = owner.links().get(lost.getKey());
                        return !now.equals(lost.getValue())
                                && link.isReadable()
                                && link.owedPages() == null;
                    });
        }
        return lostCopies.values().stream().anyMatch(then -> !then.equals(now));
    }
}
