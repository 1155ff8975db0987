package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Hosts of an {@link OwnerSimulation} that read, write and unmap, some of them as much as they
 * write, each one IO at a time, and know of each logical block what may be read of it: the
 * acknowledged value, or one of an unacknowledged write begun since; a value once read stays. Now
 * and then one gives its IO up, as when its connection breaks, and goes on with the next one as
 * soon as that has ended.
 */
final class SimulatedHosts {
    private static final int HOSTS = 12;

    /** The owner is polled more often. */
    private static final long END_NS_MAX = 100_000;

    private final World world;
    private final int blocks;
    private final int lbaBytes;
    private final int lbasPerBlock;
    private final boolean discardMuch;
    private final Map<Long, BlockHistory> lbas = new HashMap<>();
    private final List<HostOp> hosts = new ArrayList<>();
    private VolumeOwner owner;
    private long nextStamp = 1;
    private long acknowledged;
    private long givenUp;
    private boolean stopped;

    SimulatedHosts(World world, int blocks, int lbaBytes) {
        this.world = world;
        this.blocks = blocks;
        this.lbaBytes = lbaBytes;
        this.lbasPerBlock = BlockDevice.BLOCK_BYTES / lbaBytes;
        this.discardMuch = world.random.nextInt(3) == 0;
    }

    void start() {
        for (int i = 0; i < HOSTS; i++) {
            hosts.add(new HostOp());
        }
    }

    /** This one owns the volume now. */
    void onOwner(VolumeOwner newer) {
        owner = newer;
    }

    /** Nobody owns the volume; no answer comes from now on. */
    void onOwnerKilled() {
        owner = null;
    }

    /** What the owner that was killed has not answered, hosts give up. */
    void giveUp() {
        hosts.forEach(HostOp::ownerDied);
    }

    /** Begins no further IO. */
    void stop() {
        stopped = true;
    }

    void requireIdle() {
        for (HostOp host : hosts) {
            if (host.busy) {
                throw new AssertionError("an IO never ended: " + host);
            }
        }
    }

    /** Writes and unmaps. */
    long acknowledged() {
        return acknowledged;
    }

    /** IOs that ended because their hosts had given them up. */
    long givenUp() {
        return givenUp;
    }

    /** Blocks that hosts have touched. */
    TreeSet<Long> blocks() {
        TreeSet<Long> touched = new TreeSet<>();
        lbas.keySet().forEach(lba -> touched.add(lba / lbasPerBlock));
        return touched;
    }

    /** What may be read of one logical block. Stamp 0 stands for zeros. */
    private static final class BlockHistory {
        long acknowledged;
        final List<Long> possible = new ArrayList<>();
        final List<Long> begun = new ArrayList<>();
        int writesInFlight;
    }

    private BlockHistory history(long lba) {
        return lbas.computeIfAbsent(lba, b -> new BlockHistory());
    }

    /** The blocks that logical blocks are in, with what is left out of them. */
    private IoRequest set(
            IoRequest request,
            IoOp op,
            long lba,
            int count,
            MemorySegment buffer,
            IoRequest.Completion completion) {
        long block = lba / lbasPerBlock;
        long end = (lba + count + lbasPerBlock - 1) / lbasPerBlock;
        return request.set(op, block, (int) (end - block), buffer, 0, completion)
                .trim(
                        (int) (lba - block * lbasPerBlock) * lbaBytes,
                        (int) (end * lbasPerBlock - lba - count) * lbaBytes);
    }

    /** One IO at a time against whoever owns the volume. */
    private final class HostOp implements IoRequest.Completion {
        private final MemorySegment buffer =
                Arena.ofAuto().allocate(64L * BlockDevice.BLOCK_BYTES, 64);
        private final IoRequest request = new IoRequest();
        private final List<List<Long>> allowedAtStart = new ArrayList<>();
        private final List<Integer> begunAtStart = new ArrayList<>();
        private boolean busy;
        private VolumeOwner asked;
        private long begins;
        private long stamp;
        private long first;
        private int count;
        private IoOp op = IoOp.READ;

        HostOp() {
            next();
        }

        @Override
        public String toString() {
            return op + " " + first + "+" + count + " stamp " + stamp;
        }

        private void next() {
            world.after(10_000 + world.random.nextInt(100_000), this::begin);
        }

        private void begin() {
            if (stopped) {
                return;
            }
            op = IoOp.values()[world.random.nextInt(3)];
            if (op == IoOp.UNMAP && !discardMuch && world.random.nextInt(3) > 0) {
                op = IoOp.WRITE;
            }
            count = 1 + world.random.nextInt(world.random.nextInt(4) == 0 ? 64 : 4);
            first = world.random.nextInt(blocks * lbasPerBlock - count + 1);
            if (world.random.nextInt(3) > 0) {
                first %= 40;
            }
            if (!owner.isServing()) {
                next();
                return;
            }
            if (op != IoOp.READ && !mayWrite()) {
                op = IoOp.READ; // hosts do not write a logical block twice at a time, the order
                // would be anybody's
            }
            asked = owner;
            busy = true;
            allowedAtStart.clear();
            begunAtStart.clear();
            stamp = op == IoOp.WRITE ? nextStamp++ : 0;
            for (int i = 0; i < count; i++) {
                BlockHistory history = history(first + i);
                if (op == IoOp.READ) {
                    List<Long> allowed = new ArrayList<>(history.possible);
                    allowed.add(history.acknowledged);
                    allowedAtStart.add(allowed);
                    begunAtStart.add(history.begun.size());
                } else {
                    history.writesInFlight++;
                    history.possible.add(stamp);
                    history.begun.add(stamp);
                    fill(i);
                }
            }
            owner.submit(set(request, op, first, count, buffer, this));
            begins++;
            if (world.random.nextInt(15) == 0) {
                long of = begins;
                world.after(1 + world.random.nextInt(3_000_000), () -> giveUp(of));
            }
        }

        private void giveUp(long of) {
            if (isUnderWay(of)) {
                request.giveUp();
                world.after(
                        END_NS_MAX,
                        () -> {
                            if (isUnderWay(of)) {
                                throw new AssertionError("given up, and does not end: " + this);
                            }
                        });
            }
        }

        private boolean isUnderWay(long of) {
            return busy && begins == of;
        }

        private boolean mayWrite() {
            for (int i = 0; i < count; i++) {
                if (history(first + i).writesInFlight > 0) {
                    return false;
                }
            }
            return true;
        }

        private void fill(int i) {
            Stamps.fill(buffer, (long) i * lbaBytes, lbaBytes, first + i, stamp);
        }

        private long read(int i) {
            return Stamps.read(buffer, (long) i * lbaBytes, lbaBytes, first + i);
        }

        @Override
        public void complete(IoRequest completed, IoStatus status) {
            if (asked != owner) {
                throw new AssertionError("a dead owner answered");
            }
            busy = false;
            if (status == IoStatus.ABORTED) {
                if (!request.isGivenUp()) {
                    throw new AssertionError("aborted, and nobody wanted that: " + this);
                }
                givenUp++;
            }
            if (op == IoOp.READ) {
                if (status == IoStatus.OK) {
                    checkRead();
                } else if (status == IoStatus.MEDIA_ERROR) {
                    throw new AssertionError("block lost: " + this);
                }
            } else {
                for (int i = 0; i < count; i++) {
                    BlockHistory history = history(first + i);
                    history.writesInFlight--;
                    if (status == IoStatus.OK) {
                        history.acknowledged = stamp;
                        history.possible.clear();
                    } else if (status == IoStatus.ABORTED) {
                        history.begun.add(stamp); // reads under way may or may not see it
                    }
                }
                acknowledged += status == IoStatus.OK ? 1 : 0;
            }
            next();
        }

        private void checkRead() {
            for (int i = 0; i < count; i++) {
                BlockHistory history = history(first + i);
                long value = read(i);
                boolean allowed =
                        allowedAtStart.get(i).contains(value)
                                || history.begun
                                        .subList(begunAtStart.get(i), history.begun.size())
                                        .contains(value);
                if (!allowed) {
                    throw new AssertionError(
                            "block "
                                    + (first + i)
                                    + " reads "
                                    + value
                                    + ", acknowledged "
                                    + history.acknowledged
                                    + ", possible "
                                    + history.possible);
                }
                // A read of many blocks may have seen this one before a write that ended since.
                boolean isNews =
                        history.writesInFlight == 0 && history.begun.size() == begunAtStart.get(i);
                if (isNews && value != history.acknowledged && history.possible.contains(value)) {
                    history.acknowledged = value; // once read, it stays
                    history.possible.clear();
                } else if (isNews && value == history.acknowledged) {
                    history.possible.clear(); // what was not taken over never comes back
                }
            }
        }

        void ownerDied() {
            if (!busy) {
                return;
            }
            busy = false;
            if (op != IoOp.READ) {
                for (int i = 0; i < count; i++) {
                    history(first + i).writesInFlight--;
                }
            }
            next();
        }
    }

    /** Reads every block that hosts have touched, one after the other. */
    void readAll() {
        new FinalReads().run();
    }

    private final class FinalReads implements IoRequest.Completion {
        private final MemorySegment buffer = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        private IoStatus ended;

        void run() {
            for (var entry : lbas.entrySet()) {
                ended = null;
                owner.submit(set(new IoRequest(), IoOp.READ, entry.getKey(), 1, buffer, this));
                while (ended == null) {
                    world.step();
                }
                long value =
                        ended == IoStatus.OK
                                ? Stamps.read(buffer, 0, lbaBytes, entry.getKey())
                                : Stamps.ZEROS;
                BlockHistory history = entry.getValue();
                if (ended != IoStatus.OK
                        || (value != history.acknowledged && !history.possible.contains(value))) {
                    throw new AssertionError(
                            "at the end block "
                                    + entry.getKey()
                                    + " is "
                                    + ended
                                    + " "
                                    + value
                                    + ", acknowledged "
                                    + history.acknowledged
                                    + ", possible "
                                    + history.possible);
                }
            }
        }

        @Override
        public void complete(IoRequest request, IoStatus status) {
            ended = status;
        }
    }
}
