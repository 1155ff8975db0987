package io.stria.simulator;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** Real chunk stores on simulated disks, each formatted before it is opened first. */
public final class ChunkStores implements StoreOpener {
    private final StoreConfig config;
    private final Set<UUID> formatted = new HashSet<>();

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
            Consumer<StoreService> whenOpen) {
        int blockBytes = host.disk(disk).config().blockBytes();
        BlockFile file;
        try {
            file = reactor.engine().openFile(disk, new BlockFile.Options(0, blockBytes, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Opening opening = new Opening(host + ":" + disk, whenOpen);
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
                            throw new AssertionError(opening.disk + ": " + failure);
                        }
                        formatted.add(identity.deviceId());
                        open.run();
                    });
        }
    }

    private record Opening(String disk, Consumer<StoreService> whenOpen)
            implements ChunkStore.OpenListener {
        @Override
        public void onOpen(ChunkStore store) {
            whenOpen.accept(new Adapter(store));
        }

        @Override
        public void onRefused(String reason) {
            throw new AssertionError(disk + " is refused: " + reason);
        }
    }

    /** A chunk store as its node drives it. */
    private record Adapter(ChunkStore store) implements StoreService {
        @Override
        public void submit(FragmentRequest request) {
            store.submit(request);
        }

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            store.onVolumeEpoch(vuid, epoch, applied);
        }

        @Override
        public void serving(boolean lease) {
            store.serving(lease);
        }

        @Override
        public void retainVolumes(IntPredicate exists) {
            // The one volume is never deleted.
        }

        @Override
        public int poll(long nowNs) {
            return store.poll(nowNs);
        }
    }
}
