package io.stria.node;

import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Reactor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens the devices of a node at start, from the main thread; the work itself runs on the reactor.
 */
final class DeviceOpener {
    private static final long FORMAT_TIMEOUT_S = 60;
    private static final long OPEN_TIMEOUT_S = 600;

    private final Reactor reactor;
    private final DataPlaneConfig config;
    private final StoreConfig storeConfig;
    private final Arena arena = Arena.ofShared();

    DeviceOpener(Reactor reactor, DataPlaneConfig config, StoreConfig storeConfig) {
        this.reactor = reactor;
        this.config = config;
        this.storeConfig = storeConfig;
    }

    /**
     * Opens one device, making it first where this is the first start of the node.
     *
     * @return null if there is no such device (any more)
     * @throws IOException with one sentence: locked, foreign, of another format, no space
     */
    @Nullable ChunkStore open(DataPlaneConfig.DeviceConfig device) throws IOException {
        if (!Files.exists(device.path())) {
            if (!config.firstStart()) {
                return null;
            }
            create(device);
        }
        return await(
                OPEN_TIMEOUT_S,
                "opening " + device.path(),
                (CompletableFuture<ChunkStore> done) -> {
                    BlockFile file = openFile(device.path(), 0, device.blockBytes(), done);
                    if (file != null) {
                        ChunkStore.open(
                                file,
                                identity(device),
                                storeConfig,
                                reactor.timers(),
                                arena,
                                new ChunkStore.OpenListener() {
                                    @Override
                                    public void onOpen(ChunkStore store) {
                                        done.complete(store);
                                    }

                                    @Override
                                    public void onRefused(String reason) {
                                        file.close();
                                        done.completeExceptionally(
                                                new IOException(device.path() + ": " + reason));
                                    }
                                });
                    }
                });
    }

    /** Formats under another name: a device exists only once it is formatted. */
    private void create(DataPlaneConfig.DeviceConfig device) throws IOException {
        Path unfinished = device.path().resolveSibling(device.path().getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        await(
                FORMAT_TIMEOUT_S,
                "formatting " + device.path(),
                (CompletableFuture<Boolean> done) -> {
                    BlockFile file =
                            openFile(unfinished, device.sizeBytes(), device.blockBytes(), done);
                    if (file != null) {
                        long formatId = new SecureRandom().nextLong();
                        ChunkStore.format(
                                file,
                                identity(device),
                                storeConfig,
                                formatId,
                                arena,
                                failure -> {
                                    file.close();
                                    if (failure == null) {
                                        done.complete(true);
                                    } else {
                                        done.completeExceptionally(
                                                new IOException(device.path() + ": " + failure));
                                    }
                                });
                    }
                });
        Files.move(unfinished, device.path(), StandardCopyOption.ATOMIC_MOVE);
    }

    private DeviceIdentity identity(DataPlaneConfig.DeviceConfig device) {
        return new DeviceIdentity(config.clusterId(), device.id(), config.pageShift());
    }

    private @Nullable BlockFile openFile(
            Path path, long createBytes, int blockBytes, CompletableFuture<?> done) {
        try {
            return reactor.engine()
                    .openFile(path, new BlockFile.Options(createBytes, blockBytes, true));
        } catch (IOException e) {
            done.completeExceptionally(e);
            return null;
        }
    }

    private <T> T await(long seconds, String what, Consumer<CompletableFuture<T>> start)
            throws IOException {
        CompletableFuture<T> done = new CompletableFuture<>();
        reactor.execute(() -> start.accept(done));
        try {
            return done.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new IOException(what + " failed", e);
        } catch (TimeoutException e) {
            throw new IOException(what + " did not end within " + seconds + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + " was interrupted", e);
        }
    }
}
