package io.stria.runtime.nio;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.ffm.BootClock;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.LinuxFile;
import io.stria.runtime.kernel.FileAccess;
import io.stria.runtime.kernel.StreamMemory;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sockets of one reactor on one selector, and each of its files on threads that wait for the
 * device: for machines and containers that forbid io_uring. It costs some times the CPU of a ring
 * for each access, and its sleep ends on a whole millisecond.
 *
 * <p>Whoever makes the engine may open files, listen and connect; the first {@link #poll} or {@link
 * #await} makes its thread the owner for good.
 */
public final class NioEngine implements Engine {
    private static final System.Logger LOG = System.getLogger(NioEngine.class.getName());
    private static final long NS_PER_MS = 1_000_000L;
    private static final long SLEEP_NS_MAX = 3_600_000L * NS_PER_MS;
    private static final long CLOSE_WAIT_NS = 30_000 * NS_PER_MS;
    private static final long CLOSE_TURN_NS = 100 * NS_PER_MS;

    private final Clock clock = new BootClock();
    private final Selector selector;
    private final SelectorWakeup wakeup;
    private final NioConfig config;
    private final BitSet cpus;
    private final StreamMemory.Pool streamMemory;
    private final ArrayDeque<NioFileAccess> idleFileAccesses = new ArrayDeque<>();
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
    private final ArrayDeque<NioStream> senders = new ArrayDeque<>();
    private final ArrayDeque<Selected> ready = new ArrayDeque<>();
    private final Consumer<SelectionKey> mark = this::mark;
    private final Set<NioStream> streams = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<NioListener> listeners = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<NioFile> files = new ArrayList<>();
    private final ArrayDeque<NioListener> paused = new ArrayDeque<>();

    private @Nullable Thread owner;
    private int filesOpened;
    private long pausedUntilNs;
    private boolean closing;

    public NioEngine(NioConfig config, Memory memory) throws IOException {
        selector = Selector.open();
        wakeup = new SelectorWakeup(selector);
        this.config = config;
        cpus = Linux.currentThreadCpus();
        streamMemory =
                new StreamMemory.Pool(
                        memory,
                        "nio.streams",
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
        int delivered = deliverDeferred() + deliverAccesses();
        startSends();
        if (ready.isEmpty()) {
            select(0);
        }
        resumeListeners();
        return delivered + deliverReady();
    }

    @Override
    public void await(long timeoutNs) {
        assert isOwner() : "awaited by " + Thread.currentThread() + ", owned by " + owner;
        if (closing || timeoutNs <= 0) {
            return;
        }
        startSends();
        if (deferred.isEmpty() && ready.isEmpty()) {
            sleep(paused.isEmpty() ? timeoutNs : Math.min(timeoutNs, NioListener.PAUSE_NS));
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
        FileThreads threads =
                new FileThreads("stria-files-" + ++filesOpened, config, wakeup::wake, cpus);
        NioFile file = new NioFile(this, opened, options.blockBytes(), threads);
        files.add(file);
        return file;
    }

    @Override
    public StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        NioListener listener = new NioListener(this, address, handler);
        listeners.add(listener);
        return listener;
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        NioStream stream = NioStream.connecting(this, address, handler);
        streams.add(stream);
        return stream;
    }

    /**
     * Closes everything that is open, without further calls to handlers, and waits until the
     * devices are done with it. On the owner's thread; afterwards polls find nothing and wakes do
     * nothing.
     */
    @Override
    public void close() {
        assert isOwner() : "closed by " + Thread.currentThread() + ", owned by " + owner;
        if (closing) {
            return;
        }
        closing = true;
        List.copyOf(listeners).forEach(NioListener::close);
        List.copyOf(streams).forEach(NioStream::close);
        List.copyOf(streams).forEach(NioStream::release);
        List.copyOf(files).forEach(NioFile::close);
        boolean quiet = isQuietInTime();
        files.stream()
                .map(NioFile::threads)
                .filter(FileThreads::isQuiet)
                .forEach(FileThreads::stop);
        if (!quiet) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "accesses to files are still in flight: their threads are left to the end of"
                            + " the process");
        }
        streamMemory.close();
        closeQuietly(selector);
    }

    StreamMemory.Pool streamMemory() {
        return streamMemory;
    }

    FileAccess takeFileAccess() {
        NioFileAccess idle = idleFileAccesses.pollLast();
        return idle != null ? idle : new NioFileAccess(this);
    }

    void release(NioFileAccess access) {
        idleFileAccesses.addLast(access);
    }

    /** Whether handlers and completions are still to be called. */
    boolean delivers() {
        return !closing;
    }

    /** Watches the channel from the next selection on. */
    SelectionKey register(SelectableChannel channel, int operations, Selected selected)
            throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, operations, selected);
    }

    @Override
    public void deliverLater(Runnable delivery) {
        deferred.addLast(delivery);
    }

    /** Starts a send of what will have been queued by the next selection. */
    void sendSoon(NioStream stream) {
        senders.addLast(stream);
    }

    void resumeAfterPause(NioListener listener) {
        paused.addLast(listener);
        pausedUntilNs = clock.nowNs() + NioListener.PAUSE_NS;
    }

    void remember(NioStream accepted) {
        streams.add(accepted);
    }

    void forget(NioStream stream) {
        streams.remove(stream);
    }

    void forget(NioListener listener) {
        listeners.remove(listener);
    }

    void forget(NioFile file) {
        files.remove(file);
    }

    static ProtocolFamily family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    /** What fails in closing is closed nevertheless. */
    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing {0}: {1}", closeable, e.getMessage());
        }
    }

    private int deliverDeferred() {
        int count = deferred.size();
        for (int i = 0; i < count; i++) {
            deferred.removeFirst().run();
        }
        return count;
    }

    /** From the last one on: a completion may close its file, and open others. */
    private int deliverAccesses() {
        int count = 0;
        for (int i = files.size() - 1; i >= 0; i--) {
            if (i < files.size()) {
                count += files.get(i).threads().deliver();
            }
        }
        return count;
    }

    private int deliverReady() {
        int count = ready.size();
        for (int i = 0; i < count; i++) {
            ready.removeFirst().deliver();
        }
        return count;
    }

    private void startSends() {
        while (!senders.isEmpty()) {
            senders.removeFirst().startSend();
        }
    }

    private void resumeListeners() {
        if (!paused.isEmpty() && clock.nowNs() >= pausedUntilNs) {
            paused.forEach(NioListener::resume);
            paused.clear();
        }
    }

    private void mark(SelectionKey key) {
        Selected selected = (Selected) Objects.requireNonNull(key.attachment());
        if (!selected.mark(key.readyOps())) {
            ready.addLast(selected);
        }
    }

    private void sleep(long timeoutNs) {
        if (wakeup.beginSleep()) {
            select((Math.min(timeoutNs, SLEEP_NS_MAX) + NS_PER_MS - 1) / NS_PER_MS);
            wakeup.endSleep();
        }
    }

    /**
     * @param timeoutMs 0: only what is ready now
     */
    private void select(long timeoutMs) {
        try {
            if (timeoutMs == 0) {
                selector.selectNow(mark);
            } else {
                selector.select(mark, timeoutMs);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isQuietInTime() {
        long deadlineNs = clock.nowNs() + CLOSE_WAIT_NS;
        while (!files.stream().allMatch(file -> file.threads().isQuiet())) {
            if (clock.nowNs() > deadlineNs) {
                return false;
            }
            if (deliverAccesses() == 0) {
                sleep(CLOSE_TURN_NS);
            }
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
