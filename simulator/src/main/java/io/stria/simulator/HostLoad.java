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
        for (int i = 0; i < config.iosAtOnce(); i++) {
            next();
        }
    }

    /** No new IO begins. */
    public void stop() {
        stopped = true;
    }

    public boolean isIdle() {
        return underWay.isEmpty();
    }

    /** What has not been answered, for people. */
    public String underWay() {
        return underWay.toString();
    }

    private void next() {
        cluster.simulation().after(random.between(0, config.pauseMaxNs()), this::begin);
    }

    private void begin() {
        if (stopped) {
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

    /** Reads every block that was ever touched once more, while no other IO is under way. */
    public void readAll(long limitMs) {
        for (long block : history.blocks()) {
            boolean[] done = new boolean[1];
            HostIo io =
                    new HostIo(history, multipath, IoOp.READ, block, 1, ended -> done[0] = true);
            io.mustSucceed();
            io.begin();
            cluster.expect(() -> done[0], limitMs, "the last read of block " + block);
        }
    }
}
