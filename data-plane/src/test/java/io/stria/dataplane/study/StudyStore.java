package io.stria.dataplane.study;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.dataplane.store.StoreStats;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Reactor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A chunk store on a fresh device, as its one owner on the same reactor sees it. */
final class StudyStore implements FragmentStore {
    static final int PAGE_SHIFT = 8;

    private final ChunkStore store;
    private long association;

    /**
     * Formats the device, and has the reactor poll the store from now on.
     *
     * @param runUntil has the reactor run until something holds
     */
    StudyStore(Reactor reactor, Consumer<BooleanSupplier> runUntil, BlockFile device, int number) {
        DeviceIdentity identity =
                new DeviceIdentity(new UUID(1, 2), new UUID(3, number), PAGE_SHIFT);
        List<ChunkStore> opened = new ArrayList<>();
        StoreConfig config = StoreConfig.defaults();
        ChunkStore.format(
                device,
                identity,
                config,
                number + 1,
                Arena.ofAuto(),
                failure -> {
                    assert failure == null : failure;
                    ChunkStore.open(
                            device,
                            identity,
                            config,
                            reactor.timers(),
                            Arena.ofAuto(),
                            new ChunkStore.OpenListener() {
                                @Override
                                public void onOpen(ChunkStore store) {
                                    opened.add(store);
                                }

                                @Override
                                public void onRefused(String reason) {
                                    throw new AssertionError(reason);
                                }
                            });
                });
        runUntil.accept(() -> !opened.isEmpty());
        store = opened.getFirst();
        store.serving(true);
        reactor.addPoller(store);
    }

    StoreStats stats() {
        return store.stats();
    }

    @Override
    public void submit(FragmentRequest request) {
        if (request.op == FragmentOp.ATTACH) {
            association++;
        }
        request.association = association;
        store.submit(request);
    }

    @Override
    public long connection() {
        return 1;
    }
}
