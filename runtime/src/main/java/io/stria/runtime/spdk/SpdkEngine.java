package io.stria.runtime.spdk;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine that also has devices through SPDK, which it polls in every turn; sockets, files and
 * sleep are those of the engine below it, which is closed with this one. While a device has
 * commands, the reactor hardly sleeps: SPDK wakes nobody.
 */
public final class SpdkEngine implements Engine {
    /** Polling goes on for so long without a pause after something has happened. */
    private static final long SPIN_NS = 200_000;

    /** A pause while commands are in a device. */
    private static final long PAUSE_NS = 50_000;

    private final Engine below;
    private final SpdkConfig config;
    private final SpdkDma dma;
    private final List<SpdkFile> files = new ArrayList<>();
    private long nowNs;
    private long lastWorkNs;

    public SpdkEngine(Engine below, SpdkConfig config) {
        this(below, config, new SpdkDma());
    }

    /**
     * @param dma memory that devices reach, so that nothing of it is copied on the way
     */
    public SpdkEngine(Engine below, SpdkConfig config, SpdkDma dma) {
        this.below = below;
        this.dma = dma;
        this.config = config;
        this.nowNs = below.clock().nowNs();
    }

    /**
     * Opens a namespace as a host like others: nothing keeps them from writing to it. Blocking,
     * bounded by the configuration's timeouts: for start-up only. The environment must have been
     * started.
     *
     * @param blockBytes unit of all access, a multiple of the namespace's logical blocks; 0 takes
     *     theirs
     * @throws IOException with one clear sentence
     */
    public BlockFile open(SpdkAddress address, int blockBytes) throws IOException {
        return add(SpdkFile.open(this, address, blockBytes, config, null));
    }

    /**
     * Opens a namespace that nobody else is to write to, as its address says that this is done;
     * writes of earlier starts of the same node have ended or never take effect. Else as {@link
     * #open}.
     *
     * @throws IOException with one clear sentence, also where others cannot be kept out
     */
    public BlockFile openOwned(SpdkAddress address, int blockBytes, SpdkOwner owner)
            throws IOException {
        return add(SpdkFile.open(this, address, blockBytes, config, owner));
    }

    /**
     * Opens a namespace that is to be read only, with its own blocks, if {@link #openOwned} could
     * keep others out. Else as {@link #open}.
     */
    public BlockFile look(SpdkAddress address) throws IOException {
        SpdkFile file = SpdkFile.open(this, address, 0, config, null);
        String refusal = file.fenceRefusal();
        if (!refusal.isEmpty()) {
            file.closeAtOnce();
            throw new IOException(refusal);
        }
        return add(file);
    }

    private BlockFile add(SpdkFile file) {
        files.add(file);
        return file;
    }

    @Override
    public Clock clock() {
        return below.clock();
    }

    @Override
    public int poll() {
        int work = below.poll();
        nowNs = clock().nowNs();
        for (int i = files.size() - 1; i >= 0; i--) {
            if (i < files.size()) { // a completion may have closed others
                work += files.get(i).poll(nowNs);
            }
        }
        if (work > 0) {
            lastWorkNs = nowNs;
        }
        return work;
    }

    @Override
    public void await(long timeoutNs) {
        long pauseNs = timeoutNs;
        boolean active = false;
        for (int i = 0; i < files.size(); i++) {
            pauseNs = Math.min(pauseNs, files.get(i).untilPollNs(nowNs));
            active |= files.get(i).isActive();
        }
        if (!active) {
            below.await(pauseNs);
        } else if (nowNs - lastWorkNs > SPIN_NS) {
            below.await(Math.min(pauseNs, PAUSE_NS));
        } else {
            Thread.onSpinWait();
        }
    }

    @Override
    public void deliverLater(Runnable delivery) {
        below.deliverLater(delivery);
    }

    @Override
    public void wake() {
        below.wake();
    }

    @Override
    public BlockFile openFile(Path path, BlockFile.Options options) throws IOException {
        return below.openFile(path, options);
    }

    @Override
    public StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        return below.listen(address, handler);
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        return below.connect(address, handler);
    }

    /** What devices still hold is ended first, so that nobody reaches into memory afterwards. */
    @Override
    public void close() {
        List.copyOf(files).forEach(SpdkFile::closeAtOnce);
        below.close();
    }

    SpdkDma dma() {
        return dma;
    }

    Engine below() {
        return below;
    }

    /** When the current turn began. */
    long nowNs() {
        return nowNs;
    }

    /** Something was begun: it is worth to poll for a while. */
    void onBegin() {
        lastWorkNs = nowNs;
    }

    void forget(SpdkFile file) {
        files.remove(file);
    }
}
