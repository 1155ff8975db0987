package io.stria.runtime.uring;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.ffm.BootClock;
import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.ffm.LinuxFile;
import io.stria.runtime.kernel.StreamMemory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sockets and files of one reactor on one io_uring. A turn of the reactor costs one system call at
 * most: {@link #poll} hands over all that was queued since the last one and takes what completed.
 *
 * <p>Whoever makes the engine may open files, listen and connect; the first {@link #poll} or {@link
 * #await} makes its thread the owner for good.
 */
public final class IoUringEngine implements Engine {
    private static final System.Logger LOG = System.getLogger(IoUringEngine.class.getName());
    private static final int FIXED_FILES = 256;
    private static final long CLOSE_WAIT_NS = 30_000_000_000L;
    private static final long CLOSE_TURN_NS = 100_000_000L;

    private final Clock clock = new BootClock();
    private final IoUring ring;
    private final OperationTable operations = new OperationTable();
    private final Wakeup wakeup;
    private final StreamMemory.Pool streamMemory;
    private final ArrayDeque<UringFileAccess> idleFileAccesses = new ArrayDeque<>();
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
    private final ArrayDeque<UringStream> senders = new ArrayDeque<>();
    private final Set<UringStream> streams = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<UringListener> listeners = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<UringFile> files = Collections.newSetFromMap(new IdentityHashMap<>());

    private @Nullable Thread owner;
    private boolean closing;

    /**
     * @throws IOException with the reason, when the kernel refuses io_uring
     */
    public IoUringEngine(UringConfig config, Memory memory) throws IOException {
        ring = IoUring.open(config.queueEntries(), config.completionEntries(), FIXED_FILES);
        wakeup = new Wakeup();
        operations.add(wakeup);
        streamMemory =
                new StreamMemory.Pool(
                        memory,
                        "uring.streams",
                        config.receiveBufferBytes(),
                        config.sendBufferBytes());
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public int poll() {
        assert isOwner() : "polled by " + Thread.currentThread() + ", owned by " + owner;
        if (closing) {
            return 0;
        }
        int delivered = deliverDeferred();
        startSends();
        if (ring.needsSubmit()) {
            ring.submit();
        }
        return delivered + deliverCompletions();
    }

    @Override
    public void await(long timeoutNs) {
        assert isOwner() : "awaited by " + Thread.currentThread() + ", owned by " + owner;
        if (closing || timeoutNs <= 0 || !deferred.isEmpty() || ring.completions() > 0) {
            return;
        }
        startSends();
        if (wakeup.beginSleep(ring)) {
            ring.submitAndWait(timeoutNs);
            wakeup.endSleep();
        }
    }

    @Override
    public void wake() {
        wakeup.wake();
    }

    @Override
    public BlockFile openFile(Path path, BlockFile.Options options) throws IOException {
        LinuxFile opened =
                LinuxFile.open(
                        path, options.createBytes(), options.blockBytes(), options.exclusive());
        UringFile file = new UringFile(this, opened, options.blockBytes());
        files.add(file);
        return file;
    }

    @Override
    public StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        UringListener listener = new UringListener(this, address, handler);
        listeners.add(listener);
        return listener;
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        UringStream stream = UringStream.connecting(this, address, handler);
        streams.add(stream);
        return stream;
    }

    /**
     * Closes everything that is open, without further calls to handlers, and waits until the kernel
     * is done with it. On the owner's thread; afterwards polls find nothing and wakes do nothing.
     */
    @Override
    public void close() {
        assert isOwner() : "closed by " + Thread.currentThread() + ", owned by " + owner;
        if (closing) {
            return;
        }
        closing = true;
        List.copyOf(listeners).forEach(UringListener::close);
        List.copyOf(streams).forEach(UringStream::close);
        List.copyOf(files).forEach(UringFile::close);
        if (wakeup.isInFlight()) {
            ring.cancel(wakeup.tag(), OperationTable.IGNORED_TAG);
        }
        if (isQuietInTime()) {
            List.copyOf(streams).forEach(UringStream::release);
            streamMemory.close();
            wakeup.close();
            ring.close();
        } else {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "operations are still in flight: their memory is left to the end of the"
                            + " process");
        }
    }

    IoUring ring() {
        return ring;
    }

    OperationTable operations() {
        return operations;
    }

    StreamMemory.Pool streamMemory() {
        return streamMemory;
    }

    UringFileAccess takeFileAccess() {
        UringFileAccess idle = idleFileAccesses.pollLast();
        return idle != null ? idle : new UringFileAccess(this);
    }

    void release(UringFileAccess access) {
        idleFileAccesses.addLast(access);
    }

    /** Whether handlers and completions are still to be called. */
    boolean delivers() {
        return !closing;
    }

    @Override
    public void deliverLater(Runnable delivery) {
        deferred.addLast(delivery);
    }

    /** Starts a send of what will have been queued by the next submission. */
    void sendSoon(UringStream stream) {
        senders.addLast(stream);
    }

    void remember(UringStream accepted) {
        streams.add(accepted);
    }

    void forget(UringStream stream) {
        streams.remove(stream);
    }

    void forget(UringListener listener) {
        listeners.remove(listener);
    }

    void forget(UringFile file) {
        files.remove(file);
    }

    private int deliverDeferred() {
        int count = deferred.size();
        for (int i = 0; i < count; i++) {
            deferred.removeFirst().run();
        }
        return count;
    }

    private void startSends() {
        while (!senders.isEmpty()) {
            senders.removeFirst().startSend();
        }
    }

    private int deliverCompletions() {
        int count = ring.completions();
        for (int i = 0; i < count; i++) {
            long tag = ring.tag();
            int result = ring.result();
            int flags = ring.flags();
            ring.next();
            if (tag != OperationTable.IGNORED_TAG) {
                operations.find(tag).finish(result, flags);
            }
        }
        return count;
    }

    private boolean isQuietInTime() {
        long deadlineNs = clock.nowNs() + CLOSE_WAIT_NS;
        while (operations.hasInFlight()) {
            if (clock.nowNs() > deadlineNs) {
                return false;
            }
            startSends();
            ring.submitAndWait(CLOSE_TURN_NS);
            deliverCompletions();
        }
        return true;
    }

    private boolean isOwner() {
        if (owner == null) {
            owner = Thread.currentThread();
        }
        return owner == Thread.currentThread();
    }
}
