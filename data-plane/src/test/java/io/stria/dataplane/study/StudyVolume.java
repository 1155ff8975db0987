package io.stria.dataplane.study;

import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.volume.CopyBudget;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.SlotStores;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.Alarm;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Reactor;
import io.stria.runtime.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A volume as one reactor has it: its owner, and a chunk store on each of some devices, all of them
 * local. Chunk j of page g is on device g + j. Nothing is ever behind; a proposal that something is
 * breaks off the study.
 */
final class StudyVolume implements MapProposals, VolumeOwner.Listener {
    private static final int VUID = 7;
    private static final long SLEEP_MAX_NS = 100_000_000L;

    private final Consumer<BooleanSupplier> runUntil;
    private final VolumeOwner owner;
    private boolean serving;

    /**
     * @param runUntil has the reactor run until something holds
     */
    StudyVolume(
            Reactor reactor,
            Consumer<BooleanSupplier> runUntil,
            List<BlockFile> devices,
            Scheme scheme,
            long bytes,
            OwnerConfig config) {
        this.runUntil = runUntil;
        List<FragmentStore> stores = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            stores.add(new StudyStore(reactor, runUntil, devices.get(i), i));
        }
        owner =
                new VolumeOwner(
                        volume(scheme, bytes, devices.size()),
                        StudyStore.PAGE_SHIFT,
                        SlotStores.of(stores),
                        list ->
                                (page, slots) -> {
                                    for (int j = 0; j < slots.length; j++) {
                                        slots[j] = (int) ((page + j) % devices.size());
                                    }
                                },
                        config,
                        new CopyBudget(),
                        reactor.engine().clock(),
                        () -> true,
                        this,
                        this);
        reactor.addPoller(owner::poll);
        reactor.addPoller(new Alarm(reactor.timers(), owner::nextHedgeNs));
        reactor.addPoller(
                new Ticker(reactor.timers(), SLEEP_MAX_NS, owner::nextDeadlineNs, () -> {}));
        reactor.engine().wake();
        runUntil.accept(() -> serving);
    }

    private static VolumeEntry volume(Scheme scheme, long bytes, int devices) {
        return new VolumeEntry(
                VUID,
                new UUID(1, 2),
                "study",
                "nqn.2026-11.io.stria:study",
                bytes,
                scheme,
                Tolerance.DEVICE,
                VolumeState.ONLINE,
                1,
                1,
                List.of(1),
                new TreeMap<>(),
                BlockDevice.BLOCK_BYTES,
                Placing.settled(new SlotList(devices, new TreeSet<>())));
    }

    void submit(IoRequest request) {
        owner.submit(request);
    }

    HedgeFigures hedges() {
        return owner.hedgeFigures();
    }

    @Override
    public void onServing(VolumeOwner by) {
        serving = true;
    }

    @Override
    public void onFenced(VolumeOwner by) {
        throw new AssertionError("there is no other owner");
    }

    @Override
    public void markBehind(int vuid, int epoch, int slot, String reason) {
        throw new AssertionError("slot " + slot + " is to be marked: " + reason);
    }

    @Override
    public void markInSync(int vuid, int epoch, int slot, long markEpoch) {}

    @Override
    public void movePages(
            int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without) {}

    @Override
    public void deviceDown(UUID deviceId, String reason) {}

    @Override
    public void cutOff(int vuid, int epoch) {}

    @Override
    public void takeVolume(int vuid, int epoch) {}

    @Override
    public void serving(int vuid, int epoch) {}
}
