package io.stria.runtime.ffm.spdk;

import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.spdk.bindings.Bindings;
import io.stria.runtime.ffm.spdk.bindings.spdk_env_opts;
import io.stria.runtime.ffm.spdk.bindings.spdk_nvme_transport_opts;
import io.stria.runtime.ffm.spdk.bindings.spdk_pci_addr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** SPDK's environment, of which a process has one, from its start to the end of the process. */
@SuppressWarnings("restricted")
public final class SpdkEnvironment {
    private static final long START_TIMEOUT_S = 60;
    private static final int CONNECT_TIMEOUT_MS = 3_000;
    private static final int LOG_ERRORS = 0;
    private static final int MEMORY_MIB_MAX = 1 << 20;
    private static final int PCI_ADDRESSES_MAX = 256;

    private static @Nullable Options started;

    private SpdkEnvironment() {}

    /**
     * @param hugePages whether memory comes from huge pages, of which there must be enough
     * @param memoryMiB for queues and for buffers that devices reach
     * @param pciAddresses of the devices that this process may take; none: the bus is not looked at
     */
    public record Options(boolean hugePages, int memoryMiB, List<String> pciAddresses) {
        public Options {
            pciAddresses = List.copyOf(pciAddresses);
            if (memoryMiB < 1 || memoryMiB > MEMORY_MIB_MAX) {
                throw new IllegalArgumentException(memoryMiB + " MiB for SPDK");
            }
            if (pciAddresses.size() > PCI_ADDRESSES_MAX) {
                throw new IllegalArgumentException(pciAddresses.size() + " PCI addresses");
            }
        }
    }

    /**
     * Starts it unless it was started with the same options.
     *
     * @throws IOException in one sentence: not there, of another version, without huge pages
     */
    public static synchronized void start(Options options) throws IOException {
        Spdk.require();
        if (options.equals(started)) {
            return;
        }
        if (started != null) {
            throw new IOException(
                    "SPDK was started in this process with other options: " + started);
        }
        CompletableFuture<Integer> result = new CompletableFuture<>();
        // Of its own, since SPDK pins whoever starts it to a CPU for good.
        Thread.ofPlatform().name("spdk-start").daemon().start(() -> completeWith(result, options));
        int code = await(result);
        if (code < 0) {
            throw new IOException(
                    "SPDK's environment does not start%s: %s"
                            .formatted(
                                    options.hugePages ? " with huge pages" : "",
                                    Errno.describe(-code)));
        }
        started = options;
    }

    /**
     * Zeroed memory that devices reach, aligned to a page; until {@link #free}.
     *
     * @throws OutOfMemoryError when SPDK was given less than is asked for
     */
    public static MemorySegment allocate(long bytes) {
        MemorySegment memory =
                Bindings.spdk_dma_zmalloc(bytes, Linux.PAGE_BYTES, MemorySegment.NULL);
        if (memory.address() == 0) {
            throw new OutOfMemoryError("SPDK has no " + bytes + " bytes left");
        }
        return memory.reinterpret(bytes);
    }

    public static void free(MemorySegment allocated) {
        Bindings.spdk_dma_free(allocated);
    }

    private static void completeWith(CompletableFuture<Integer> result, Options options) {
        try {
            result.complete(init(options));
        } catch (IOException | RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    private static int init(Options options) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Bindings.spdk_log_set_print_level(LOG_ERRORS);
            MemorySegment opts = spdk_env_opts.allocate(arena);
            spdk_env_opts.opts_size(opts, spdk_env_opts.sizeof());
            Bindings.spdk_env_opts_init(opts);
            int cpu = Math.max(0, Linux.currentThreadCpus().nextSetBit(0));
            spdk_env_opts.name(opts, arena.allocateFrom("stria"));
            spdk_env_opts.core_mask(opts, arena.allocateFrom("[" + cpu + "]"));
            spdk_env_opts.mem_size(opts, options.memoryMiB);
            spdk_env_opts.no_huge(opts, !options.hugePages);
            spdk_env_opts.no_pci(opts, options.pciAddresses.isEmpty());
            allow(arena, opts, options.pciAddresses);
            int code = Bindings.spdk_env_init(opts);
            if (code == 0) {
                boundConnects(arena);
            }
            return code;
        }
    }

    private static void allow(Arena arena, MemorySegment opts, List<String> addresses)
            throws IOException {
        if (addresses.isEmpty()) {
            return;
        }
        MemorySegment allowed = spdk_pci_addr.allocateArray(addresses.size(), arena);
        for (int i = 0; i < addresses.size(); i++) {
            MemorySegment address = spdk_pci_addr.asSlice(allowed, i);
            if (Bindings.spdk_pci_addr_parse(address, arena.allocateFrom(addresses.get(i))) != 0) {
                throw new IOException(addresses.get(i) + " is no PCI address");
            }
        }
        spdk_env_opts.num_pci_addr(opts, addresses.size());
        spdk_env_opts.pci_allowed(opts, allowed);
    }

    /** Without this a host that does not answer would be waited for without an end. */
    private static void boundConnects(Arena arena) {
        MemorySegment opts = spdk_nvme_transport_opts.allocate(arena);
        long bytes = spdk_nvme_transport_opts.sizeof();
        Bindings.spdk_nvme_transport_get_opts(opts, bytes);
        spdk_nvme_transport_opts.tcp_connect_timeout_ms(opts, CONNECT_TIMEOUT_MS);
        Bindings.spdk_nvme_transport_set_opts(opts, bytes);
    }

    private static int await(CompletableFuture<Integer> result) throws IOException {
        try {
            return result.get(START_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("SPDK's environment does not start: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("SPDK's environment did not start in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
