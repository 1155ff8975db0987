package io.stria.simulator;

import io.stria.control.lease.DeviceFill;
import io.stria.dataplane.node.DeviceStore;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.dataplane.store.StoreStats;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Real chunk stores on simulated disks, each formatted before it is opened first. */
public final class ChunkStores implements StoreOpener {
    private final StoreConfig config;
    private final Set<UUID> formatted = new HashSet<>();
    private final Map<UUID, ChunkStore> opened = new HashMap<>();

    /** For one cluster; it remembers which of its disks are formatted. */
    public ChunkStores(StoreConfig config) {
        this.config = config;
    }

    /** Little memory, so that everything is merged, evicted and read back often. */
    public static ChunkStores small() {
        return new ChunkStores(
                new StoreConfig(1 << 20, 1 << 16, 1 << 18, 1 << 18, 4096, 16384, 30, 50_000_000L));
    }

    @Override
    public void open(
            SimulatedHost host,
            Reactor reactor,
            Arena memory,
            Path disk,
            DeviceIdentity identity,
            LongSupplier associations,
            Listener listener) {
        int blockBytes = host.disk(disk).config().blockBytes();
        BlockFile file;
        try {
            file = reactor.engine().openFile(disk, new BlockFile.Options(0, blockBytes, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Opening opening =
                new Opening(
                        file,
                        reactor.engine().clock(),
                        associations,
                        store -> opened.put(identity.deviceId(), store),
                        listener);
        Runnable open =
                () -> ChunkStore.open(file, identity, config, reactor.timers(), memory, opening);
        if (formatted.contains(identity.deviceId())) {
            open.run();
        } else {
            long formatId = identity.deviceId().getMostSignificantBits();
            ChunkStore.format(
                    file,
                    identity,
                    config,
                    formatId,
                    memory,
                    failure -> {
                        if (failure != null) {
                            opening.onRefused(failure);
                        } else {
                            formatted.add(identity.deviceId());
                            open.run();
                        }
                    });
        }
    }

    @Override
    public DeviceFill fill(UUID deviceId) {
        ChunkStore store = opened.get(deviceId);
        if (store == null) {
            throw new IllegalStateException("no store of " + deviceId + " was ever opened");
        }
        StoreStats stats = store.stats();
        return new DeviceFill(
                deviceId, (long) stats.pagesUsed() + stats.pagesQuarantined(), stats.pagesTotal());
    }

    @Override
    public void replaced(UUID deviceId) {
        formatted.remove(deviceId);
    }

    private record Opening(
            BlockFile file,
            Clock clock,
            LongSupplier associations,
            Consumer<ChunkStore> opened,
            Listener listener)
            implements ChunkStore.OpenListener {
        @Override
        public void onOpen(ChunkStore store) {
            opened.accept(store);
            listener.onOpen(new DeviceStore(store, clock, associations));
        }

        @Override
        public void onRefused(String reason) {
            file.close();
            listener.onRefused(reason);
        }
    }
}
