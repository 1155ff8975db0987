package io.stria.simulator;

import io.stria.dataplane.device.IoOp;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of hosts that write, read and unmap the volume, one IO after the other each, until they are
 * stopped.
 */
public final class HostLoad {
    private final SimulatedCluster cluster;
    private final LoadConfig config;
    private final VolumeHistory history = new VolumeHistory();
    private final Multipath multipath;
    private final SimulatedRandom random;
    private final List<HostIo> underWay = new ArrayList<>();
    private int round;
    private boolean stopped = true;

    public HostLoad(SimulatedCluster cluster, LoadConfig config) {
        this.cluster = cluster;
        this.config = config;
        this.multipath = new Multipath(cluster, config.blocksMax());
        this.random = cluster.simulation().random("hosts");
    }

    public VolumeHistory history() {
        return history;
    }

    public void start() {
        stopped = false;
        round++;
        for (int i = 0; i < config.iosAtOnce(); i++) {
            next();
        }
    }

    /** No new IO begins. */
    public void stop() {
        stopped = true;
    }

    /** Stops and waits for what is under way. */
    public void quiesce(long limitMs) {
        stop();
        cluster.expect(this::isIdle, limitMs, () -> "answers to " + underWay);
    }

    public boolean isIdle() {
        return underWay.isEmpty();
    }

    private void next() {
        int of = round;
        cluster.simulation().after(random.between(0, config.pauseMaxNs()), () -> begin(of));
    }

    private void begin(int of) {
        if (stopped || of != round) {
            return;
        }
        int kind = random.nextInt(20);
        IoOp op = kind < 9 ? IoOp.WRITE : kind < 11 ? IoOp.UNMAP : IoOp.READ;
        int most = random.nextInt(4) == 0 ? config.blocksMax() : 3;
        int blocks = 1 + random.nextInt(most);
        long first = random.nextLong(cluster.config().volumeBlocks() - blocks + 1);
        if (random.nextInt(3) > 0) {
            first %= config.hotBlocks();
        }
        begin(op, first, blocks);
    }

    private void begin(IoOp wished, long first, int blocks) {
        // No host writes a block twice at a time: the order would be anybody's.
        IoOp op = wished == IoOp.READ || mayWrite(first, blocks) ? wished : IoOp.READ;
        HostIo io = new HostIo(history, multipath, op, first, blocks, this::ended);
        underWay.add(io);
        io.begin();
    }

    private boolean mayWrite(long first, int blocks) {
        for (int i = 0; i < blocks; i++) {
            if (history.block(first + i).isWriteUnderWay()) {
                return false;
            }
        }
        return true;
    }

    private void ended(HostIo io) {
        underWay.remove(io);
        if (!stopped) {
            next();
        }
    }

    /** Writes one block, and waits until it is acknowledged. */
    public void write(long block, long limitMs) {
        finish(IoOp.WRITE, block, limitMs);
    }

    /** Reads one block, and waits for what must be there. */
    public void read(long block, long limitMs) {
        finish(IoOp.READ, block, limitMs);
    }

    private void finish(IoOp op, long block, long limitMs) {
        boolean[] done = new boolean[1];
        HostIo io = new HostIo(history, multipath, op, block, 1, ended -> done[0] = true);
        io.mustSucceed();
        io.begin();
        cluster.expect(() -> done[0], limitMs, () -> "the answer to " + io);
    }

    /** Reads every block that was ever touched once more, while no other IO is under way. */
    public void readAll(long limitMs) {
        for (long block : history.blocks()) {
            read(block, limitMs);
        }
    }
}
