package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * One io_uring: a queue of submissions to the kernel and one of completions back, in memory shared
 * with it. Every operation carries a caller's {@code tag}, which its completion returns.
 *
 * <p>Any one thread may queue operations until the first {@link #submit} or {@link #submitAndWait};
 * the thread that makes that call owns the ring from then on (the kernel refuses others).
 *
 * <p>A target of operations is a plain descriptor (0 and above), or one that {@link #fix} made,
 * which spares the kernel a lookup for each operation.
 *
 * <pre>
 * struct io_uring_sqe (64 bytes), as eight little-endian words
 *   0 opcode:8 flags:8 ioprio:16 fd:32     8 offset or addr2     16 addr
 *  24 len:32 op_flags:32                  32 user_data           40 buf_index:16 personality:16 file:32
 *  48 addr3                               56 reserved
 * struct io_uring_cqe (16 bytes): 0 user_data   8 result:32   12 flags:32
 * </pre>
 */
@SuppressWarnings("restricted")
public final class IoUring implements AutoCloseable {
    /** Set in a completion's flags when the socket held more than was received. */
    public static final int MORE_TO_RECEIVE = 1 << 2;

    /** Option of {@link #receive}: wait first, since the socket is believed to be empty. */
    public static final int POLL_FIRST = 1;

    /** Option of {@link #send}: take what the socket takes at once, or -EAGAIN. */
    public static final int DONT_WAIT = 0x40;

    /** Option of {@link #write}: complete when the data would survive a power cut. */
    public static final int DURABLE = 2;

    static final int SQE_BYTES = 64;
    static final int CQE_BYTES = 16;

    private static final int OP_FSYNC = 3;
    private static final int OP_TIMEOUT = 11;
    private static final int OP_ACCEPT = 13;
    private static final int OP_ASYNC_CANCEL = 14;
    private static final int OP_CONNECT = 16;
    private static final int OP_FALLOCATE = 17;
    private static final int OP_READ = 22;
    private static final int OP_WRITE = 23;
    private static final int OP_SEND = 26;
    private static final int OP_RECV = 27;

    private static final int[] OPCODES = {
        OP_FSYNC,
        OP_TIMEOUT,
        OP_ACCEPT,
        OP_ASYNC_CANCEL,
        OP_CONNECT,
        OP_FALLOCATE,
        OP_READ,
        OP_WRITE,
        OP_SEND,
        OP_RECV
    };

    private static final int SQE_FIXED_FILE = 1 << 8;
    private static final int FSYNC_DATASYNC = 1;
    private static final int FALLOC_KEEP_SIZE_PUNCH_HOLE = 1 | 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int ENTER_REGISTERED_RING = 1 << 4;
    private static final int SQ_CQ_OVERFLOW = 1 << 1;
    private static final int SQ_TASKRUN = 1 << 2;

    private static final int REGISTER_ENABLE_RINGS = 12;
    private static final int REGISTER_RING_FDS = 20;
    private static final int UNREGISTER_RING_FDS = 21;

    private static final long OFFSET_SQES = 0x10000000L;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long WAIT_NS_MAX = 3_600 * NS_PER_SECOND;
    private static final int EXT_ARG_BYTES = 24;

    /** A kernel that is short of something takes submissions again before. */
    private static final long STUCK_NS = NS_PER_SECOND;

    private static final BootClock CLOCK = new BootClock();
    private static final VarHandle INT = JAVA_INT.varHandle();

    private final UringSetup setup;
    private final UringMapping rings;
    private final UringMapping sqes;
    private final FixedFiles fixedFiles;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment capture = arena.allocate(Binding.CAPTURE_BYTES, Long.BYTES);
    private final MemorySegment waitArgument = arena.allocate(EXT_ARG_BYTES, Long.BYTES);
    private final MemorySegment waitTimeout = arena.allocate(2L * Long.BYTES, Long.BYTES);
    private final MemorySegment ringUpdate = arena.allocate(2L * Long.BYTES, Long.BYTES);
    private final MemorySegment ring;
    private final MemorySegment queue;
    private final int sqMask;
    private final int cqMask;

    private int enterFd;
    private int enterFlags;
    private boolean enabled;
    private int sqTail;
    private int cqHead;

    private IoUring(UringSetup setup, int fixedFileCount) throws IOException {
        this.setup = setup;
        this.rings = UringMapping.of(setup.fd(), setup.ringBytes(), 0);
        this.sqes = UringMapping.of(setup.fd(), (long) setup.sqEntries() * SQE_BYTES, OFFSET_SQES);
        this.ring = rings.memory();
        this.queue = sqes.memory();
        this.sqMask = setup.sqEntries() - 1;
        this.cqMask = setup.cqEntries() - 1;
        this.sqTail = ring.get(JAVA_INT, setup.sqTail());
        this.cqHead = ring.get(JAVA_INT, setup.cqHead());
        this.enterFd = setup.fd();
        this.fixedFiles = FixedFiles.register(setup.fd(), fixedFileCount);
        waitArgument.set(JAVA_LONG, 16, waitTimeout.address());
        if (!setup.has(UringSetup.NO_SQARRAY)) {
            for (int i = 0; i < setup.sqEntries(); i++) {
                ring.set(JAVA_INT, setup.sqArray() + 4L * i, i);
            }
        }
    }

    /**
     * @param entries operations that can be queued between two submissions, a power of two
     * @param completions completions that can wait in the shared memory, a power of two; more wait
     *     inside the kernel
     * @param fixedFileCount how many files {@link #fix} can take, where the kernel has that
     * @throws IOException in one sentence with the reason, when the kernel refuses
     */
    public static IoUring open(int entries, int completions, int fixedFileCount)
            throws IOException {
        UringSetup setup = UringSetup.open(entries, completions);
        try {
            List<Integer> missing = UringOpcodes.missing(setup.fd(), OPCODES);
            if (!missing.isEmpty()) {
                throw new IOException("this kernel's io_uring lacks the operations " + missing);
            }
        } catch (IOException e) {
            Linux.close(setup.fd());
            throw e;
        }
        return new IoUring(setup, fixedFileCount);
    }

    /** Why no ring can be used on this machine, in one sentence; empty when one can. */
    public static String refusal() {
        try (IoUring ring = open(2, 4, 1)) {
            ring.submit();
            return "";
        } catch (IOException | IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    public void read(int target, long offset, long address, int length, long tag) {
        put(OP_READ, target, 0, offset, address, length, 0, tag);
    }

    /**
     * @param options 0 or {@link #DURABLE}
     */
    public void write(int target, long offset, long address, int length, int options, long tag) {
        put(OP_WRITE, target, 0, offset, address, length, options, tag);
    }

    /** Makes completed writes, and what is needed to read them, survive a power cut. */
    public void syncData(int target, long tag) {
        put(OP_FSYNC, target, 0, 0, 0, 0, FSYNC_DATASYNC, tag);
    }

    public void punchHole(int target, long offset, long length, long tag) {
        put(OP_FALLOCATE, target, 0, offset, length, FALLOC_KEEP_SIZE_PUNCH_HOLE, 0, tag);
    }

    /**
     * @param options 0 or {@link #POLL_FIRST}, which kernels before 5.19 do not know and are not
     *     told
     */
    public void receive(int target, long address, int length, int options, long tag) {
        int known = setup.has(UringSetup.TASKRUN_FLAG) ? options : 0; // as old as that option
        put(OP_RECV, target, known, 0, address, length, 0, tag);
    }

    /**
     * @param options 0 or {@link #DONT_WAIT}
     */
    public void send(int target, long address, int length, int options, long tag) {
        put(OP_SEND, target, 0, 0, address, length, options | MSG_NOSIGNAL, tag);
    }

    public void accept(int target, long tag) {
        put(OP_ACCEPT, target, 0, 0, 0, 0, SOCK_CLOEXEC, tag);
    }

    /** The address must stay until this is submitted. */
    public void connect(int target, SocketAddressBytes address, long tag) {
        put(OP_CONNECT, target, 0, address.length(), address.address(), 0, 0, tag);
    }

    /** Completes with -ETIME; {@code timespec} must stay until this is submitted. */
    public void timeout(MemorySegment timespec, long tag) {
        put(OP_TIMEOUT, 0, 0, 0, timespec.address(), 1, 0, tag);
    }

    /**
     * Asks the operation with the other tag to end soon, with -ECANCELED if it has done nothing.
     */
    public void cancel(long otherTag, long tag) {
        put(OP_ASYNC_CANCEL, 0, 0, 0, otherTag, 0, 0, tag);
    }

    /** Makes a fixed target of a descriptor, or returns the descriptor when there is no room. */
    public int fix(int fd) {
        int slot = fixedFiles.add(fd);
        return slot < 0 ? fd : ~slot;
    }

    /** Gives back what {@link #fix} returned; nothing may be in flight on it. */
    public void unfix(int target) {
        if (target < 0) {
            fixedFiles.remove(~target);
        }
    }

    /** Whether the kernel waits for a {@link #submit}: without it nothing would happen. */
    public boolean needsSubmit() {
        return pendingSubmissions() != 0
                || (ring.get(JAVA_INT, setup.sqFlags()) & (SQ_CQ_OVERFLOW | SQ_TASKRUN)) != 0;
    }

    /** Hands over what was queued, and lets the kernel post what has completed; does not sleep. */
    public void submit() {
        enter(0, ENTER_GETEVENTS, MemorySegment.NULL, 0);
    }

    /** As {@link #submit}, and sleeps until there is a completion or the time is over. */
    public void submitAndWait(long timeoutNs) {
        long boundedNs = Math.min(timeoutNs, WAIT_NS_MAX);
        waitTimeout.set(JAVA_LONG, 0, boundedNs / NS_PER_SECOND);
        waitTimeout.set(JAVA_LONG, Long.BYTES, boundedNs % NS_PER_SECOND);
        enter(1, ENTER_GETEVENTS | ENTER_EXT_ARG, waitArgument, EXT_ARG_BYTES);
    }

    /** Completions that can be read now. */
    public int completions() {
        return (int) INT.getAcquire(ring, (long) setup.cqTail()) - cqHead;
    }

    /** Tag of the oldest completion. */
    public long tag() {
        return ring.get(JAVA_LONG, completion());
    }

    /** Result of the oldest completion: a count, or a negative errno. */
    public int result() {
        return ring.get(JAVA_INT, completion() + 8);
    }

    /** Flags of the oldest completion. */
    public int flags() {
        return ring.get(JAVA_INT, completion() + 12);
    }

    /** Drops the oldest completion. */
    public void next() {
        INT.setRelease(ring, (long) setup.cqHead(), ++cqHead);
    }

    /** Whether the kernel took all that makes rings cheap for a reactor (Linux 6.1 does). */
    public boolean isDeferred() {
        return setup.has(UringSetup.DEFER_TASKRUN);
    }

    /**
     * Gives up the ring; the owner calls it when nothing is in flight whose memory goes away, since
     * the kernel may finish such operations later.
     */
    @Override
    public void close() {
        if (enterFd != setup.fd()) {
            ringUpdate.set(JAVA_INT, 0, enterFd);
            UringCalls.register(setup.fd(), UNREGISTER_RING_FDS, ringUpdate, 1);
        }
        sqes.close();
        rings.close();
        Linux.close(setup.fd());
        arena.close();
    }

    private void put(
            int opcode,
            int target,
            int ioPriority,
            long offset,
            long address,
            int length,
            int opFlags,
            long tag) {
        long sqe = nextSubmission();
        long fixed = target < 0 ? SQE_FIXED_FILE : 0;
        long fd = target < 0 ? ~target : target;
        queue.set(JAVA_LONG, sqe, opcode | fixed | (long) ioPriority << 16 | fd << 32);
        queue.set(JAVA_LONG, sqe + 8, offset);
        queue.set(JAVA_LONG, sqe + 16, address);
        queue.set(JAVA_LONG, sqe + 24, Integer.toUnsignedLong(length) | (long) opFlags << 32);
        queue.set(JAVA_LONG, sqe + 32, tag);
        queue.set(JAVA_LONG, sqe + 40, 0L);
        queue.set(JAVA_LONG, sqe + 48, 0L);
        queue.set(JAVA_LONG, sqe + 56, 0L);
        INT.setRelease(ring, (long) setup.sqTail(), ++sqTail);
    }

    /** Offset of the next free entry; a full queue is handed to the kernel first. */
    private long nextSubmission() {
        if (pendingSubmissions() == setup.sqEntries()) {
            makeRoom();
        }
        return (long) (sqTail & sqMask) * SQE_BYTES;
    }

    private void makeRoom() {
        submit();
        if (pendingSubmissions() < setup.sqEntries()) {
            return; // as ever, and without a look at the clock
        }
        long sinceNs = CLOCK.nowNs();
        while (pendingSubmissions() == setup.sqEntries()) {
            long waitedNs = CLOCK.nowNs() - sinceNs; // before the try: this thread may have stood
            submit();
            if (waitedNs >= STUCK_NS && pendingSubmissions() == setup.sqEntries()) {
                throw new IllegalStateException("io_uring takes no submissions any more");
            }
        }
    }

    private int pendingSubmissions() {
        return sqTail - (int) INT.getAcquire(ring, (long) setup.sqHead());
    }

    private long completion() {
        return setup.cqes() + (long) (cqHead & cqMask) * CQE_BYTES;
    }

    private void enter(int completionsMin, int flags, MemorySegment argument, long argumentBytes) {
        if (!enabled) {
            enable();
        }
        int result =
                UringCalls.enter(
                        capture,
                        enterFd,
                        pendingSubmissions(),
                        completionsMin,
                        flags | enterFlags,
                        argument,
                        argumentBytes);
        if (result < 0 && !isTransient(-result)) {
            throw new IllegalStateException("io_uring_enter: " + Errno.describe(-result));
        }
    }

    /** What goes away by itself: the caller comes again with its next turn. */
    private static boolean isTransient(int errno) {
        return switch (errno) {
            case Errno.EINTR, Errno.EAGAIN, Errno.EBUSY, Errno.ETIME, Errno.ENOMEM -> true;
            default -> false;
        };
    }

    private void enable() {
        enabled = true;
        if (setup.has(UringSetup.R_DISABLED)) {
            int result =
                    UringCalls.register(setup.fd(), REGISTER_ENABLE_RINGS, MemorySegment.NULL, 0);
            assert result >= 0 : "cannot enable the ring: " + Errno.describe(-result);
        }
        ringUpdate.set(JAVA_INT, 0, -1);
        ringUpdate.set(JAVA_LONG, Long.BYTES, setup.fd());
        if (setup.has(UringSetup.SINGLE_ISSUER)
                && UringCalls.register(setup.fd(), REGISTER_RING_FDS, ringUpdate, 1) == 1) {
            enterFd = ringUpdate.get(JAVA_INT, 0);
            enterFlags = ENTER_REGISTERED_RING;
        }
    }
}
