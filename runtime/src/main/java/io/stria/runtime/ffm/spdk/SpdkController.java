package io.stria.runtime.ffm.spdk;

import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.spdk.bindings.Bindings;
import io.stria.runtime.ffm.spdk.bindings.spdk_nvme_ctrlr_opts;
import io.stria.runtime.ffm.spdk.bindings.spdk_nvme_io_qpair_opts;
import io.stria.runtime.ffm.spdk.bindings.spdk_nvme_transport_id;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.UUID;

/** A connected NVMe controller, on PCIe or over TCP. Owned by one thread. */
@SuppressWarnings("restricted")
public final class SpdkController {
    private static final int NSIDS_MAX = 0xFFFF;

    private static final String HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:";

    private final MemorySegment controller;

    /**
     * @param queueEntries commands that a queue pair takes at once
     * @param adminTimeoutMs until an administrative command counts as lost while connecting
     * @param keepAliveMs after which both sides give the connection up
     * @param hostNqn names this host; one per connection, since SPDK takes two of one name for one
     * @param hostId who holds registrations and reservations: one name may have several
     */
    public record Options(
            int queueEntries, int adminTimeoutMs, int keepAliveMs, UUID hostNqn, UUID hostId) {}

    private SpdkController(MemorySegment controller) {
        this.controller = controller;
    }

    /**
     * Blocks until it is connected, bounded by the timeouts.
     *
     * @param transportId in SPDK's words, of values that were checked
     * @throws IOException when it does not answer
     */
    public static SpdkController connect(String transportId, Options options) throws IOException {
        Spdk.require();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = spdk_nvme_transport_id.allocate(arena);
            int code = Bindings.spdk_nvme_transport_id_parse(id, arena.allocateFrom(transportId));
            if (code != 0) {
                throw new IOException(
                        "SPDK does not understand '%s': %s"
                                .formatted(transportId, Errno.describe(-code)));
            }
            MemorySegment opts = options(arena, options);
            MemorySegment controller =
                    Bindings.spdk_nvme_connect(id, opts, spdk_nvme_ctrlr_opts.sizeof());
            if (controller.address() == 0) {
                throw new IOException(
                        transportId + ": SPDK cannot connect; its words are on standard error");
            }
            return new SpdkController(controller);
        }
    }

    private static MemorySegment options(Arena arena, Options options) {
        MemorySegment opts = spdk_nvme_ctrlr_opts.allocate(arena);
        Bindings.spdk_nvme_ctrlr_get_default_ctrlr_opts(opts, spdk_nvme_ctrlr_opts.sizeof());
        spdk_nvme_ctrlr_opts.io_queue_size(opts, options.queueEntries);
        spdk_nvme_ctrlr_opts.admin_timeout_ms(opts, options.adminTimeoutMs);
        spdk_nvme_ctrlr_opts.fabrics_connect_timeout_us(opts, options.adminTimeoutMs * 1_000L);
        spdk_nvme_ctrlr_opts.keep_alive_timeout_ms(opts, options.keepAliveMs);
        // What a reset has ended is told, not sent again behind our back.
        spdk_nvme_ctrlr_opts.transport_retry_count(opts, (byte) 0);
        spdk_nvme_ctrlr_opts.hostnqn(opts).fill((byte) 0).setString(0, HOST_NQN + options.hostNqn);
        spdk_nvme_ctrlr_opts
                .extended_host_id(opts)
                .asByteBuffer()
                .putLong(options.hostId.getMostSignificantBits())
                .putLong(options.hostId.getLeastSignificantBits());
        return opts;
    }

    /** The namespace as it is now; empty when there is none, or none that is active. */
    public Optional<SpdkNamespace> namespace(int nsid) {
        if (nsid < 1 || nsid > NSIDS_MAX) {
            return Optional.empty();
        }
        MemorySegment ns = Bindings.spdk_nvme_ctrlr_get_ns(controller, nsid);
        return isActive(nsid) ? Optional.of(SpdkNamespace.of(ns)) : Optional.empty();
    }

    /** Whether the namespace is there. */
    public boolean isActive(int nsid) {
        MemorySegment ns = Bindings.spdk_nvme_ctrlr_get_ns(controller, nsid);
        return ns.address() != 0 && Bindings.spdk_nvme_ns_is_active(ns);
    }

    /**
     * One more queue pair, which goes on connecting while it is polled.
     *
     * @throws IOException when the controller has none left
     */
    public SpdkQueue newQueue(int entries, int requests) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment opts = spdk_nvme_io_qpair_opts.allocate(arena);
            long bytes = spdk_nvme_io_qpair_opts.sizeof();
            Bindings.spdk_nvme_ctrlr_get_default_io_qpair_opts(controller, opts, bytes);
            spdk_nvme_io_qpair_opts.io_queue_size(opts, entries);
            spdk_nvme_io_qpair_opts.io_queue_requests(opts, requests);
            spdk_nvme_io_qpair_opts.async_mode(opts, true);
            MemorySegment queue = Bindings.spdk_nvme_ctrlr_alloc_io_qpair(controller, opts, bytes);
            if (queue.address() == 0) {
                throw new IOException("the controller gives no queue pair");
            }
            return new SpdkQueue(queue, requests);
        }
    }

    /**
     * Sends keep-alives, and hears what the controller says by itself. A negative errno when the
     * connection has broken; -ENXIO ends a {@link #disconnect}.
     */
    public int pollAdmin() {
        return SpdkCalls.processAdmin(controller.address());
    }

    /**
     * First step of a reset: 0, -EBUSY when it is under way, or -ENXIO when the device has gone.
     */
    public int disconnect() {
        return Bindings.spdk_nvme_ctrlr_disconnect(controller);
    }

    /** Second step of a reset, after {@link #pollAdmin} has said -ENXIO. */
    public void beginReconnect() {
        Bindings.spdk_nvme_ctrlr_reconnect_async(controller);
    }

    /** 0 when it is connected again, -EAGAIN to be asked again, or another negative number. */
    public int pollReconnect() {
        return Bindings.spdk_nvme_ctrlr_reconnect_poll_async(controller);
    }

    /** Nothing is sent to it any more. */
    public void fail() {
        Bindings.spdk_nvme_ctrlr_fail(controller);
    }

    /**
     * Gives it back, waiting until it has shut down or the time is over; of no use afterwards.
     *
     * @return false when it has not shut down in time
     */
    public boolean detach(long timeoutNs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment context = arena.allocate(ValueLayout.ADDRESS);
            context.set(ValueLayout.ADDRESS, 0, MemorySegment.NULL);
            if (Bindings.spdk_nvme_detach_async(controller, context) != 0) {
                return false;
            }
            MemorySegment detaching = context.get(ValueLayout.ADDRESS, 0);
            long begunNs = System.nanoTime();
            while (detaching.address() != 0
                    && Bindings.spdk_nvme_detach_poll_async(detaching) == -Errno.EAGAIN) {
                if (System.nanoTime() - begunNs > timeoutNs) {
                    return false;
                }
                Thread.onSpinWait();
            }
            return true;
        }
    }
}
