package io.stria.node;

import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.node.cluster.BlankFile;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.IoReason;
import io.stria.node.cluster.SpdkDevice;
import io.stria.node.spdk.BlankScan;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryFile;
import io.stria.runtime.Reactor;
import io.stria.runtime.ffm.DeviceBlocks;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkEngine;
import io.stria.runtime.spdk.SpdkOwner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens the devices of a node at start, from the main thread; the work itself runs on the reactor.
 */
final class DeviceOpener {
    /** What a power cut may tear a file into, at worst, where its disk has no larger sectors. */
    private static final int BLOCK_BYTES = 512;

    /** The largest that a store can be formatted with. */
    private static final int BLOCK_BYTES_MAX = 4096;

    /**
     * How long a device is waited for.
     *
     * @param answerMs for its first answer, as long as its store waits for any later one
     * @param formatMs until it is formatted
     * @param openMs until it is open, if it has hardly any pages
     * @param pagesPerSecond that it has to read the headers of besides: a device that does less
     *     serves nobody
     */
    record Limits(long answerMs, long formatMs, long openMs, int pagesPerSecond) {
        static final Limits STANDARD = new Limits(30_000, 60_000, 600_000, 3_000);
    }

    private static final long BLANK_TIMEOUT_MS = 600_000;

    private final Reactor reactor;
    private final NodeConfig config;
    private final StoreConfig storeConfig;
    private final Memory memory;
    private final @Nullable SpdkEngine spdk;
    private final Limits limits;
    private final Arena arena = Arena.ofShared();

    /** Formatted and then opened without being closed between. */
    private final Map<ClusterDevice, BlockFile> inMemory = new HashMap<>();

    /**
     * @param memory for devices in memory
     * @param spdk the reactor's engine, where it has devices through SPDK
     */
    DeviceOpener(
            Reactor reactor,
            NodeConfig config,
            StoreConfig storeConfig,
            Memory memory,
            @Nullable SpdkEngine spdk) {
        this(reactor, config, storeConfig, memory, spdk, Limits.STANDARD);
    }

    DeviceOpener(
            Reactor reactor,
            NodeConfig config,
            StoreConfig storeConfig,
            Memory memory,
            @Nullable SpdkEngine spdk,
            Limits limits) {
        this.reactor = reactor;
        this.spdk = spdk;
        this.limits = limits;
        this.memory = memory;
        this.config = config;
        this.storeConfig = storeConfig;
    }

    /**
     * Opens one device, formatting it first where it was made with the cluster and never was.
     *
     * @return null if there is no such device any more
     * @throws DeviceRefusedException with one sentence: locked, too small, damaged, foreign, of
     *     another format, or not open in time: if it is open later it is closed at once
     * @throws IOException with one sentence: a device that is to be formatted cannot be
     */
    @Nullable ChunkStore open(ClusterDevice device) throws IOException {
        Path path = config.devicePath(device);
        if (device.kind().isKept() && !Files.exists(path)) {
            return null;
        }
        awaitAnswer(device, path);
        DeviceBlocks blocks = blocks(device, path);
        if (config.mayFormat(device)) {
            // A file is the cluster's own; a name under /dev may stand for another disk by now.
            if (device.kind().isNamed() && !isBlank(device, path)) {
                throw new DeviceRefusedException(
                        path
                                + " was blank when the cluster was made and is not any more: not formatted");
            }
            format(device, path, formatBlockBytes(blocks));
            config.formatted(device);
        }
        int logical = blocks.logical();
        CompletableFuture<ChunkStore> done = new CompletableFuture<>();
        reactor.execute(() -> {
            // Nobody waits any more for one that has been left out meanwhile.
            BlockFile file = done.isDone() ? null : openFile(device, path, logical, done);
            if (file != null) {
                open(file, device, path, done);
            }
        });
        return await(
                done, openMs(device), "opening " + path, sentence -> refusal(device, sentence));
    }

    /** Whoever made a device a moment ago waits for its node, and is to hear of it. */
    private IOException refusal(ClusterDevice device, String sentence) {
        return config.mayFormat(device)
                ? new IOException(sentence)
                : new DeviceRefusedException(sentence);
    }

    /** All pages of a full device have a header that is read. */
    private long openMs(ClusterDevice device) {
        long pages = device.sizeBytes() / (512L << config.cluster().pageShift());
        return limits.openMs() + pages * 1_000 / limits.pagesPerSecond();
    }

    private void awaitAnswer(ClusterDevice device, Path path) throws IOException {
        boolean kernels = device.kind() == DeviceKind.FILE || device.kind() == DeviceKind.BLOCK;
        if (kernels && !DeviceProbe.answers(path, limits.answerMs())) {
            throw refusal(
                    device,
                    "%s: it has not answered for %,d ms".formatted(path, limits.answerMs()));
        }
    }

    /** So that no block is torn along with another one that is being written. */
    static int formatBlockBytes(DeviceBlocks blocks) {
        return Math.min(blocks.physical(), BLOCK_BYTES_MAX);
    }

    private DeviceBlocks blocks(ClusterDevice device, Path path) throws IOException {
        if (device.kind() != DeviceKind.BLOCK) {
            return new DeviceBlocks(BLOCK_BYTES, BLOCK_BYTES);
        }
        try {
            return DeviceBlocks.of(path.toString());
        } catch (IOException e) {
            throw refusal(device, IoReason.of(e));
        }
    }

    private boolean isBlank(ClusterDevice device, Path path) throws IOException {
        if (device.kind() != DeviceKind.SPDK) {
            return BlankFile.isBlank(path);
        }
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        reactor.execute(() -> {
            BlockFile file = openFile(device, path, BLOCK_BYTES, done);
            if (file != null) {
                BlankScan.begin(
                        file,
                        (blank, errno) -> {
                            file.close();
                            if (errno == 0) {
                                done.complete(blank);
                            } else {
                                done.completeExceptionally(
                                        new IOException(path + ": " + Errno.describe(errno)));
                            }
                        });
            }
        });
        return await(done, BLANK_TIMEOUT_MS, "looking at " + path);
    }

    private void open(
            BlockFile file, ClusterDevice device, Path path, CompletableFuture<ChunkStore> done) {
        ChunkStore.open(
                file,
                identity(device),
                storeConfig,
                reactor.timers(),
                arena,
                new ChunkStore.OpenListener() {
                    @Override
                    public void onOpen(ChunkStore store) {
                        if (!done.complete(store)) {
                            file.close(); // it was left out meanwhile, and has nothing in flight
                        }
                    }

                    @Override
                    public void onRefused(String reason) {
                        file.close();
                        done.completeExceptionally(
                                new DeviceRefusedException(path + ": " + reason));
                    }
                });
    }

    /**
     * @param blockBytes that the store never expects to be torn
     */
    private void format(ClusterDevice device, Path path, int blockBytes) throws IOException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        reactor.execute(() -> {
            BlockFile file = openFile(device, path, blockBytes, done);
            if (file != null) {
                long formatId = new SecureRandom().nextLong();
                ChunkStore.format(
                        file,
                        identity(device),
                        storeConfig,
                        formatId,
                        arena,
                        failure -> {
                            if (device.kind().isKept()) {
                                file.close();
                            }
                            if (failure == null) {
                                done.complete(true);
                            } else {
                                done.completeExceptionally(new IOException(path + ": " + failure));
                            }
                        });
            }
        });
        await(done, limits.formatMs(), "formatting " + path);
    }

    private DeviceIdentity identity(ClusterDevice device) {
        return new DeviceIdentity(
                config.cluster().clusterId(), device.id(), config.cluster().pageShift());
    }

    private @Nullable BlockFile openFile(
            ClusterDevice device, Path path, int blockBytes, CompletableFuture<?> done) {
        try {
            return switch (device.kind()) {
                case FILE, BLOCK ->
                        reactor.engine().openFile(path, new BlockFile.Options(0, blockBytes, true));
                case SPDK -> openThroughSpdk(device, path);
                case RAM -> inMemory.computeIfAbsent(device, this::makeInMemory);
            };
        } catch (IOException e) {
            done.completeExceptionally(
                    config.mayFormat(device) ? e : new DeviceRefusedException(IoReason.of(e)));
            return null;
        }
    }

    private BlockFile openThroughSpdk(ClusterDevice device, Path path) throws IOException {
        try {
            SpdkAddress address = SpdkDevice.read(path);
            if (spdk == null) {
                throw new IOException("SPDK was not started, since no device's address was told");
            }
            return spdk.openOwned(address, 0, new SpdkOwner(config.identity(), device.id()));
        } catch (IOException e) {
            throw new DeviceRefusedException(path + ": " + e.getMessage());
        }
    }

    private BlockFile makeInMemory(ClusterDevice device) {
        return new MemoryFile(
                reactor.engine(), memory, "device-" + device.id(), device.sizeBytes(), BLOCK_BYTES);
    }

    private static <T> T await(CompletableFuture<T> done, long ms, String what) throws IOException {
        return await(done, ms, what, IOException::new);
    }

    /**
     * @param late of what is thrown, and told to whoever completes it later, when that time is over
     */
    private static <T> T await(
            CompletableFuture<T> done, long ms, String what, Function<String, IOException> late)
            throws IOException {
        try {
            try {
                return done.get(ms, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                done.completeExceptionally(
                        late.apply("%s did not end within %,d ms".formatted(what, ms)));
                return done.get(); // what came first, also if it has only just come
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new IOException(what + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + " was interrupted", e);
        }
    }
}
