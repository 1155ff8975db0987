package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The control plane of an {@link OwnerSimulation}, reduced to what one owner sees of it: one
 * proposal in five gets lost, the others are decided and come back as a newer map, some time later.
 */
final class SimulatedDecisions implements MapProposals {
    private final World world;
    private final int vuid;
    private final int pageShift;
    private final int blocks;
    private final Scheme scheme;
    private final int slots;
    private final Consumer<VolumeEntry> newest;
    private final Consumer<String> story;
    private final TreeMap<Integer, Long> behind = new TreeMap<>();
    private int epoch;
    private long mapEpoch = 100;
    private Placing placing;
    private Runnable whenProposed = () -> {};

    /**
     * @param newest hears of each newest map that arrives at the owner, unless another has begun
     */
    SimulatedDecisions(
            World world,
            int vuid,
            int pageShift,
            int blocks,
            Scheme scheme,
            int slots,
            Consumer<VolumeEntry> newest,
            Consumer<String> story) {
        this.world = world;
        this.vuid = vuid;
        this.pageShift = pageShift;
        this.blocks = blocks;
        this.scheme = scheme;
        this.slots = slots;
        this.newest = newest;
        this.story = story;
        this.placing = Placing.settled(new SlotList(slots, new TreeSet<>()));
    }

    /** Slots that are behind, with the map epoch of their marks. */
    TreeMap<Integer, Long> behind() {
        return behind;
    }

    Placing placing() {
        return placing;
    }

    int epoch() {
        return epoch;
    }

    /** Another owner begins. */
    void nextEpoch() {
        epoch++;
        mapEpoch++;
    }

    /** The volume in the newest map. */
    VolumeEntry entry() {
        return entry(vuid, blocks, scheme, epoch, behind, placing);
    }

    /** A volume that is online, on the path of node 1. */
    static VolumeEntry entry(
            int vuid,
            long blocks,
            Scheme scheme,
            int epoch,
            SortedMap<Integer, Long> behind,
            Placing placing) {
        return new VolumeEntry(
                vuid,
                new UUID(1, 2),
                "v",
                "nqn.2026-11.io.stria:test:v",
                blocks * BlockDevice.BLOCK_BYTES,
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

    static PageLocations locations(SlotList list) {
        int[] listed = IntStream.range(0, list.slots()).filter(list::contains).toArray();
        return (page, out) -> {
            for (int j = 0; j < out.length; j++) {
                out[j] = listed[(int) ((page * 3 + j) % listed.length)];
            }
        };
    }

    /** Where the chunks of a page are by the newest map. */
    void locate(long page, int[] out) {
        locations(placing.of(page)).locate(page, out);
    }

    /** The action runs when the next step of a movement has been proposed, and is on its way. */
    void withNextStep(Runnable action) {
        whenProposed = action;
    }

    /** Chunks move to another list of slots, unless they do already; at least n+2 stay. */
    void move() {
        if (placing.isMoving()) {
            return;
        }
        TreeSet<Integer> removed = new TreeSet<>();
        while (slots - removed.size() > scheme.fragments() && world.random.nextInt(3) > 0) {
            removed.add(world.random.nextInt(slots));
        }
        mapEpoch++;
        placing = placing.towards(new SlotList(slots, removed), mapEpoch);
        story.accept("chunks move to slots without " + removed);
        push();
    }

    private void push() {
        VolumeEntry decided = entry();
        world.after(
                world.someDelayNs(),
                () -> {
                    if (decided.epoch() == epoch && isNewest(decided)) {
                        newest.accept(decided);
                    }
                });
    }

    @Override
    public void movePages(
            int ofVuid, int atEpoch, long since, long from, long to, SortedSet<Integer> without) {
        world.after(0, whenProposed);
        whenProposed = () -> {};
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (placing.since() == since
                            && placing.cursor() == from
                            && behind.keySet().containsAll(without)) {
                        story.accept(
                                "pages " + from + " to " + to + " have moved, without " + without);
                        placing = placing.moved(to, entry().pages(pageShift), without);
                        without.forEach(slot -> behind.put(slot, mapEpoch));
                        behind.keySet().removeIf(slot -> !placing.uses(slot));
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
    public void markBehind(int ofVuid, int atEpoch, int slot, String reason) {
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (placing.uses(slot) && (behind.containsKey(slot) || behind.size() < 2)) {
                        story.accept("slot " + slot + " is behind: " + reason);
                        if (behind.put(slot, mapEpoch) == null) {
                            placing = placing.marked(slot, mapEpoch);
                        }
                    }
                });
    }

    @Override
    public void markInSync(int ofVuid, int atEpoch, int slot, long markEpoch) {
        if (world.random.nextInt(5) == 0) {
            return;
        }
        decide(
                atEpoch,
                () -> {
                    if (Long.valueOf(markEpoch).equals(behind.get(slot))) {
                        story.accept("slot " + slot + " is in sync");
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
    public void cutOff(int ofVuid, int atEpoch) {}

    @Override
    public void takeVolume(int ofVuid, int atEpoch) {}

    @Override
    public void serving(int ofVuid, int atEpoch) {
        story.accept("owner of epoch " + atEpoch + " serves");
    }
}
