package io.stria.simulator;

import io.stria.dataplane.device.IoOp;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Lines of hosts that write, read and unmap the volume's logical blocks, one IO after the other
 * each, until they are stopped.
 */
public final class HostLoad {
    /** Of writes and discards. */
    private static final int GIVEN_UP_ONE_IN = 60;

    private static final long GIVE_UP_NS = 400_000_000L;

    private final SimulatedCluster cluster;
    private final LoadConfig config;
    private final VolumeHistory history = new VolumeHistory();
    private final Multipath multipath;
    private final SimulatedRandom random;
    private final List<HostIo> underWay = new ArrayList<>();
    private int round;
    private boolean stopped = true;
    private long pauseMaxNs;

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
        startWithPauses(config.pauseMaxNs());
    }

    /** Goes on with hardly anything to do: a line pauses for up to so long between two IOs. */
    void lull(long pausesMaxNs) {
        startWithPauses(pausesMaxNs);
    }

    private void startWithPauses(long maxNs) {
        pauseMaxNs = maxNs;
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
        cluster.simulation().after(random.between(0, pauseMaxNs), () -> begin(of));
    }

    private void begin(int of) {
        if (stopped || of != round) {
            return;
        }
        int kind = random.nextInt(20);
        IoOp op = kind < 9 ? IoOp.WRITE : kind < 11 ? IoOp.UNMAP : IoOp.READ;
        int most = random.nextInt(4) == 0 ? config.blocksMax() : 3;
        int blocks = 1 + random.nextInt(most);
        long first = random.nextLong(cluster.config().volumeLbas() - blocks + 1);
        if (random.nextInt(3) > 0) {
            first %= config.hotBlocks();
        }
        begin(op, first, blocks, of);
    }

    private void begin(IoOp wished, long first, int blocks, int of) {
        // No host writes a block twice at a time: the order would be anybody's.
        IoOp op = wished == IoOp.READ || mayWrite(first, blocks) ? wished : IoOp.READ;
        HostIo io = io(op, first, blocks, ended -> ended(ended, of));
        underWay.add(io);
        if (op != IoOp.READ && random.nextInt(GIVEN_UP_ONE_IN) == 0) {
            cluster.simulation().after(random.between(0, GIVE_UP_NS), () -> giveUp(io, of));
        }
        io.begin();
    }

    /** Its line goes on with something else. */
    private void giveUp(HostIo io, int of) {
        if (underWay.contains(io)) {
            io.giveUp();
            goOn(of);
        }
    }

    private HostIo io(IoOp op, long first, int blocks, Consumer<HostIo> whenEnded) {
        return new HostIo(history, multipath, cluster.config(), op, first, blocks, whenEnded);
    }

    private boolean mayWrite(long first, int blocks) {
        for (int i = 0; i < blocks; i++) {
            if (history.block(first + i).isWriteUnderWay()) {
                return false;
            }
        }
        return true;
    }

    private void ended(HostIo io, int of) {
        underWay.remove(io);
        if (!io.isGivenUp()) {
            goOn(of);
        }
    }

    private void goOn(int of) {
        if (!stopped && of == round) {
            next();
        }
    }

    /** Writes one block, and waits until it is acknowledged. */
    public void write(long block, long limitMs) {
        Answer answer = beginOne(IoOp.WRITE, block, 1);
        cluster.expect(answer::isThere, limitMs, () -> "the write of block " + block);
    }

    /** Reads one block, and waits for what must be there. */
    public void read(long block, long limitMs) {
        Answer answer = beginOne(IoOp.READ, block, 1);
        cluster.expect(answer::isThere, limitMs, () -> "the read of block " + block);
    }

    /**
     * Begins to write a block that nobody is writing: this one, or one after it. The write must
     * succeed some time.
     */
    Answer beginWrite(long wished) {
        long block = wished;
        while (!mayWrite(block, 1)) {
            block = (block + 1) % cluster.config().volumeLbas();
        }
        return beginOne(IoOp.WRITE, block, 1);
    }

    private Answer beginOne(IoOp op, long first, int blocks) {
        Answer answer = new Answer();
        HostIo io = io(op, first, blocks, ended -> answer.come());
        io.mustSucceed();
        io.begin();
        return answer;
    }

    /**
     * Discards all of the volume, each part until that has succeeded, and nothing else is under
     * way.
     *
     * @param limitMs for each part
     */
    void discardAll(long limitMs) {
        discard(0, cluster.config().volumeLbas(), limitMs);
    }

    /** The same of the logical blocks from here to there. */
    void discard(long from, long to, long limitMs) {
        for (long first = from; first < to; first += config.blocksMax()) {
            discard(first, (int) Math.min(config.blocksMax(), to - first), limitMs);
        }
    }

    private void discard(long first, int blocks, long limitMs) {
        long untilNs = cluster.simulation().nowNs() + limitMs * 1_000_000;
        long before = history.writes();
        while (history.writes() == before) {
            Answer answer = new Answer();
            io(IoOp.UNMAP, first, blocks, ended -> answer.come()).begin();
            long leftMs = (untilNs - cluster.simulation().nowNs()) / 1_000_000;
            cluster.expect(answer::isThere, leftMs, () -> "the discard of block " + first);
        }
    }

    /** Logical blocks that one IO takes. */
    private record Run(long first, int blocks) {}

    /** All blocks that were ever touched, in as few IOs as it takes. */
    private List<Run> touched() {
        List<Run> runs = new ArrayList<>();
        for (long block : history.blocks()) {
            Run last = runs.isEmpty() ? new Run(block, 0) : runs.getLast();
            if (last.blocks == 0
                    || last.blocks == config.blocksMax()
                    || last.first + last.blocks != block) {
                runs.add(new Run(block, 1));
            } else {
                runs.set(runs.size() - 1, new Run(last.first, last.blocks + 1));
            }
        }
        return runs;
    }

    /**
     * Reads every block that was ever touched once more, and nothing else is under way. Returns how
     * many there are.
     */
    public long readAll(long limitMs) {
        List<Answer> answers = new ArrayList<>();
        long blocks = 0;
        for (Run run : touched()) {
            if (answers.size() == config.iosAtOnce()) {
                awaitAll(answers, limitMs);
            }
            answers.add(beginOne(IoOp.READ, run.first, run.blocks));
            blocks += run.blocks;
        }
        awaitAll(answers, limitMs);
        return blocks;
    }

    /**
     * The same before all is well: a read that ends with an error begins again.
     *
     * @param limitMs for all of them
     * @param owed whether the cluster has to answer, if it has not by then; if not, what is left is
     *     not read
     */
    void readAllInTime(long limitMs, BooleanSupplier owed) {
        long untilNs = cluster.simulation().nowNs() + limitMs * 1_000_000;
        for (Run run : touched()) {
            long before = history.reads();
            while (history.reads() == before) {
                Answer answer = new Answer();
                io(IoOp.READ, run.first, run.blocks, ended -> answer.come()).begin();
                long leftMs = (untilNs - cluster.simulation().nowNs()) / 1_000_000;
                if (!cluster.run(answer::isThere, leftMs)) {
                    if (owed.getAsBoolean()) {
                        throw new AssertionError(
                                "not within %d ms: the read of %s\n%s"
                                        .formatted(limitMs, run, cluster.describe()));
                    }
                    return;
                }
            }
        }
    }

    private void awaitAll(List<Answer> answers, long limitMs) {
        cluster.expect(
                () -> answers.stream().allMatch(Answer::isThere),
                limitMs,
                "the last reads of all blocks");
        answers.clear();
    }
}
