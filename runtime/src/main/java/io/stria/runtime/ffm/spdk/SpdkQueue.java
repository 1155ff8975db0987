package io.stria.runtime.ffm.spdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stria.runtime.ffm.spdk.bindings.Bindings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A queue pair of one namespace. Commands carry a tag; what ends is noted while SPDK runs and told
 * by {@link #deliver}, so that nobody is called from within SPDK. Submissions return 0 or a
 * negative errno: -ENOMEM while the queue is full, -ENXIO when its connection has broken. Owned by
 * one thread.
 */
public final class SpdkQueue {
    /** Hears how commands ended. */
    public interface Listener {
        /**
         * @param status 0 for success, or NVMe's status code with its type above it
         */
        void onEnd(int tag, int status);
    }

    /** Of {@link #read} and {@link #write}. */
    public static final int FORCE_UNIT_ACCESS = 1 << 30;

    /** The device makes protection information, checks it and takes it off. */
    public static final int PROTECTION_ACTION = 1 << 29;

    /** It checks the guard, too. */
    public static final int PROTECTION_CHECK = 1 << 28;

    /** What {@link #register} does with the key of this host. */
    public enum Registration {
        REGISTER,
        UNREGISTER,
        REPLACE
    }

    /** How {@link #acquire} takes the reservation. */
    public enum Acquisition {
        ACQUIRE,
        PREEMPT,
        PREEMPT_AND_ABORT
    }

    private static final int WRITE_EXCLUSIVE = 1;
    private static final int PERSISTENT = 3;
    private static final int DEALLOCATE = 1 << 2;
    private static final int MAY_DEALLOCATE = 1 << 25;
    private static final int COMPLETIONS_MAX = 128;

    private static final long RANGE_BYTES = 16;
    private static final long KEYS_BYTES = 16;

    private final MemorySegment queue;
    private final long address;
    private final MemorySegment stub;
    private final long callback;
    private final MemorySegment range;
    private final MemorySegment keys;
    private long[] ended;
    private int endedCount;
    private boolean freed;

    SpdkQueue(MemorySegment queue, int commandsMax) {
        this.queue = queue;
        this.address = queue.address();
        Arena arena = Arena.ofAuto();
        this.stub = SpdkCalls.callback(this, arena);
        this.callback = stub.address();
        this.range = arena.allocate(RANGE_BYTES, Long.BYTES);
        this.keys = arena.allocate(KEYS_BYTES, Long.BYTES);
        this.ended = new long[commandsMax];
    }

    public int read(
            SpdkNamespace namespace,
            long payload,
            long metadata,
            long lba,
            int count,
            int flags,
            int tag) {
        return SpdkCalls.read(
                namespace.address(), address, payload, metadata, lba, count, callback, tag, flags);
    }

    public int write(
            SpdkNamespace namespace,
            long payload,
            long metadata,
            long lba,
            int count,
            int flags,
            int tag) {
        return SpdkCalls.write(
                namespace.address(), address, payload, metadata, lba, count, callback, tag, flags);
    }

    /** At most 65536 blocks, which the device may give back. */
    public int writeZeroes(SpdkNamespace namespace, long lba, int count, int tag) {
        return SpdkCalls.writeZeroes(
                namespace.address(), address, lba, count, callback, tag, MAY_DEALLOCATE);
    }

    public int deallocate(SpdkNamespace namespace, long lba, int count, int tag) {
        range.set(JAVA_INT, 0, 0);
        range.set(JAVA_INT, 4, count);
        range.set(JAVA_LONG, 8, lba);
        return SpdkCalls.datasetManagement(
                namespace.address(), address, DEALLOCATE, range.address(), callback, tag);
    }

    public int flush(SpdkNamespace namespace, int tag) {
        return SpdkCalls.flush(namespace.address(), address, callback, tag);
    }

    /**
     * Changes the key under which this host is registered.
     *
     * @param current what it is; of no meaning while there is none
     * @param next what it is to be
     * @param persistent whether reservations of the namespace outlive a loss of power from now on
     */
    public int register(
            SpdkNamespace namespace,
            Registration action,
            long current,
            long next,
            boolean persistent,
            int tag) {
        return Bindings.spdk_nvme_ns_cmd_reservation_register(
                MemorySegment.ofAddress(namespace.address()),
                queue,
                keys(current, next),
                false,
                action.ordinal(),
                persistent ? PERSISTENT : 0,
                stub,
                MemorySegment.ofAddress(tag));
    }

    /**
     * Takes the reservation under which only its holder writes.
     *
     * @param current this host's key
     * @param preempted the key of those who lose reservation and registration
     */
    public int acquire(
            SpdkNamespace namespace, Acquisition action, long current, long preempted, int tag) {
        return Bindings.spdk_nvme_ns_cmd_reservation_acquire(
                MemorySegment.ofAddress(namespace.address()),
                queue,
                keys(current, preempted),
                false,
                action.ordinal(),
                WRITE_EXCLUSIVE,
                stub,
                MemorySegment.ofAddress(tag));
    }

    /**
     * Asks who is registered.
     *
     * @param report filled until it has ended, as NVMe's Reservation Status, extended
     */
    public int reportReservations(SpdkNamespace namespace, MemorySegment report, int tag) {
        return Bindings.spdk_nvme_ns_cmd_reservation_report(
                MemorySegment.ofAddress(namespace.address()),
                queue,
                report,
                (int) report.byteSize(),
                stub,
                MemorySegment.ofAddress(tag));
    }

    /** SPDK copies them. */
    private MemorySegment keys(long first, long second) {
        keys.set(JAVA_LONG, 0, first);
        keys.set(JAVA_LONG, 8, second);
        return keys;
    }

    /** Looks for completions; they are noted. Returns how many there were, or a negative errno. */
    public int poll() {
        return SpdkCalls.process(address, COMPLETIONS_MAX);
    }

    /** Tells what has ended, in that order. Returns how much it was. */
    public int deliver(Listener listener) {
        int delivered = 0;
        while (delivered < endedCount) {
            long end = ended[delivered++];
            listener.onEnd((int) (end >>> 32), (int) end);
        }
        endedCount = 0;
        return delivered;
    }

    /** Ends the connection; commands in flight end with an error in this or later polls. */
    public void disconnect() {
        Bindings.spdk_nvme_ctrlr_disconnect_io_qpair(queue);
    }

    /** Begins to connect again; 0, -EAGAIN to be asked again, or another negative errno. */
    public int reconnect() {
        return Bindings.spdk_nvme_ctrlr_reconnect_io_qpair(queue);
    }

    /** Ends what is in flight, and is of no use afterwards. What ended can still be delivered. */
    public void free() {
        assert !freed && stub.scope().isAlive() : "freed twice";
        freed = true;
        Bindings.spdk_nvme_ctrlr_free_io_qpair(queue);
    }

    /** Called by SPDK, from within any of the above: must not throw. */
    void onCompletion(long tag, long completion) {
        if (endedCount == ended.length) {
            ended = Arrays.copyOf(ended, 2 * endedCount);
        }
        ended[endedCount++] = tag << 32 | SpdkCalls.status(completion);
    }
}
