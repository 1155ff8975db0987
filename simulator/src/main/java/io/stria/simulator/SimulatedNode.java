package io.stria.simulator;

import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.runtime.sim.DiskConfig;
import io.stria.runtime.sim.DiskFaults;
import io.stria.runtime.sim.DiskImage;
import io.stria.runtime.sim.SimulatedDisk;
import io.stria.runtime.sim.SimulatedHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One machine of the cluster with its disks, and the process that runs on it or does not. */
public final class SimulatedNode {
    /** A disk and the device that its store is. */
    record Disk(Path path, UUID deviceId) {}

    private static final int DATA_PORT = 4420;

    private final int id;
    private final SimulatedCluster cluster;
    private final SimulatedHost host;
    private final List<Disk> disks = new ArrayList<>();

    /** Devices that have failed since the process started that runs, or ran last. */
    private final Set<UUID> failed = new HashSet<>();

    private @Nullable NodeProcess process;
    private long lastIncarnation;
    private int starts;
    private long wallClockErrorMs;

    SimulatedNode(int id, SimulatedCluster cluster, ClusterConfig config) {
        this.id = id;
        this.cluster = cluster;
        this.host = cluster.network().addHost("node" + id, address(id));
        for (int i = 0; i < config.disksPerNode(); i++) {
            plugIn(config);
        }
    }

    private Disk plugIn(ClusterConfig config) {
        int number = disks.size();
        Path path = Path.of("disk" + number);
        int blockBytes = number % 2 == 0 ? 512 : 4096;
        SimulatedDisk added =
                host.addDisk(
                        path,
                        DiskConfig.flash(
                                config.drawDiskBytes(cluster.diskSizes()) / 4096 * 4096,
                                blockBytes));
        added.faults().watch(kind -> cluster.story().met(hardship(kind)));
        added.observe((kind, offset, length) -> checkAlone(added));
        Disk disk = new Disk(path, new UUID(id, number));
        disks.add(disk);
        return disk;
    }

    private static Hardship hardship(DiskFaults.Kind kind) {
        return switch (kind) {
            case ROT -> Hardship.ROT;
            case LOST_WRITE -> Hardship.LOST_WRITE;
            case MISDIRECTED_WRITE -> Hardship.MISDIRECTED_WRITE;
            case UNREADABLE -> Hardship.UNREADABLE;
            case FAILED_FLUSH -> Hardship.FAILED_FLUSH;
            case HUNG -> Hardship.HUNG_DEVICE;
            case SLOW -> Hardship.SLOW_DEVICE;
            case FAILED -> Hardship.FAILED_DEVICE;
        };
    }

    /** A process asks nothing of a device before what one that has ended asked of it is through. */
    private static void checkAlone(SimulatedDisk disk) {
        if (disk.inFlightOfTheDead() > 0) {
            throw new AssertionError(
                    "%s is used while %d requests of a process that has ended are on their way"
                            .formatted(disk.name(), disk.inFlightOfTheDead()));
        }
    }

    /** One more disk, which the next process finds. */
    void addDisk() {
        Disk disk = plugIn(cluster.config());
        cluster.story().tell("node %d gets %s".formatted(id, disk.path()));
    }

    Optional<Disk> disk(UUID deviceId) {
        return disks.stream().filter(disk -> disk.deviceId().equals(deviceId)).findFirst();
    }

    static String address(int id) {
        return "10.0.0." + id;
    }

    static NodeSpec spec(int id, ClusterConfig config) {
        return new NodeSpec(id, address(id), DATA_PORT, 80, 98, "", "", id <= config.voters());
    }

    public int id() {
        return id;
    }

    public SimulatedHost host() {
        return host;
    }

    List<Disk> disks() {
        return disks;
    }

    List<DeviceSpec> deviceSpecs() {
        return disks.stream()
                .map(disk ->
                        new DeviceSpec(
                                disk.deviceId(), host.disk(disk.path()).config().sizeBytes()))
                .toList();
    }

    /** What the owners that its process has have mended. */
    void tellMended() {
        NodeProcess running = process;
        if (running != null) {
            running.tellMended();
        }
    }

    @Nullable NodeProcess processOrNull() {
        return process;
    }

    public boolean isRunning() {
        return process != null;
    }

    public boolean isPaused() {
        return host.isPaused();
    }

    /** What a process that starts takes for the date. */
    long wallClockMs() {
        return cluster.wallClockMs() + wallClockErrorMs;
    }

    /** Somebody sets the machine's wall clock. */
    void setWallClockWrong(long errorMs) {
        cluster.story().fault("node %d: the wall clock is %,d ms wrong".formatted(id, errorMs));
        cluster.story().met(Hardship.WALL_CLOCK);
        wallClockErrorMs = errorMs;
    }

    /** The machine's monotonic clock runs fast or slow from now on. */
    void setDrift(long ppm) {
        cluster.story().fault("node %d: the clock drifts by %,d ppm".formatted(id, ppm));
        cluster.story().met(Hardship.DRIFT);
        host.clockDriftPpm(ppm);
    }

    /** Starts the process, if none runs. */
    public void start() {
        if (process == null) {
            cluster.story().tell("node " + id + " starts");
            failed.removeIf(device -> disk(device).filter(this::isLost).isEmpty());
            process = new NodeProcess(this, cluster, starts++);
        }
    }

    void killIfStill(NodeProcess running) {
        if (process == running) {
            kill();
        }
    }

    /** The process dies; the machine's kernel goes on. */
    public void kill() {
        if (process != null) {
            cluster.story().fault("node " + id + " is killed");
            ended();
            host.kill();
            cluster.onProcessEnded(this, true);
        }
    }

    /**
     * Its data plane stops for good, and the process does not end before somebody kills it.
     *
     * @param retires its control plane is told before, as a node's own is
     */
    void stopServing(boolean retires) {
        NodeProcess running = process;
        if (running != null) {
            cluster.story().fault("node " + id + " stops serving");
            if (retires) {
                running.withAgent((agent, nowNs) -> agent.retire());
            }
            running.stopServing();
        }
    }

    /** Machine and disks lose power. */
    public void powerCut() {
        cluster.story().fault("node " + id + " loses power");
        ended();
        host.powerCut();
        cluster.onProcessEnded(this, false);
    }

    private void ended() {
        NodeProcess running = process;
        process = null;
        if (running != null) {
            lastIncarnation = running.incarnation();
            running.ended();
        }
        if (host.isPaused()) {
            host.resume();
        }
    }

    /** The simulation is over. */
    void close() {
        ended();
        if (host.isRunning()) {
            host.kill();
        }
    }

    public void pause() {
        NodeProcess running = process;
        if (running != null && !isPaused()) {
            cluster.story().fault("node " + id + " stands still");
            cluster.story().met(Hardship.PAUSE);
            host.pause();
            running.standStill();
            cluster.standstills().begins(this);
        }
    }

    public void resume() {
        NodeProcess running = process;
        if (running != null && isPaused()) {
            cluster.story().tell("node " + id + " goes on");
            host.resume();
            running.goOn();
        }
    }

    /** From now on every request to the disk fails, or hangs. */
    void loseDisk(Disk disk, boolean hangs) {
        SimulatedDisk lost = host.disk(disk.path());
        if (hangs) {
            cluster.story().fault("node %d: %s hangs".formatted(id, disk.path()));
            lost.hang();
        } else {
            cluster.story().fault("node %d: %s fails".formatted(id, disk.path()));
            lost.faults().failEverything();
            failed.add(disk.deviceId());
        }
    }

    /**
     * The device has failed since the process started: of what could not be read then it may still
     * know nothing.
     */
    boolean hasFailed(UUID deviceId) {
        return failed.contains(deviceId);
    }

    /** Something that was asked of a disk is not through yet. */
    boolean isDiskAtWork() {
        for (Disk disk : disks) {
            if (host.disk(disk.path()).inFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    boolean isLost(Disk disk) {
        DiskFaults faults = host.disk(disk.path()).faults();
        return faults.failsEverything() || faults.isHung();
    }

    /** It runs, holds a lease, and everybody hears it and is heard. */
    boolean isWell() {
        NodeProcess running = process;
        return running != null
                && !isPaused()
                && running.holdsLease()
                && cluster.links().isWhole(id);
    }

    /** The device does all that is asked of it, and the node's process has it. */
    boolean isWell(Disk disk) {
        NodeProcess running = process;
        return running != null && running.hasDevice(disk.deviceId()) && doesAllItIsAsked(disk);
    }

    boolean doesAllItIsAsked(Disk disk) {
        return host.disk(disk.path()).faults().areNoneButUnreadable();
    }

    /** The process runs without the device. */
    boolean isWithout(Disk disk) {
        NodeProcess running = process;
        return running != null && !running.hasDevice(disk.deviceId());
    }

    /** There is another, empty device in its place; until somebody formats it, it is refused. */
    void wipe(Disk disk) {
        assert process == null : "a device is changed while a process has it";
        cluster.story().fault("node %d: %s is empty".formatted(id, disk.path()));
        SimulatedDisk wiped = host.disk(disk.path());
        wiped.faults().clear();
        wiped.resume();
        wiped.erase();
    }

    /** It holds what it held when the image was made. */
    void rollBack(Disk disk, DiskImage older) {
        assert process == null : "a device is changed while a process has it";
        cluster.story().fault("node %d: %s is rolled back".formatted(id, disk.path()));
        host.disk(disk.path()).restore(older);
    }

    /** The disk works again, with what it held, as far as that can be read. */
    void repairDisk(Disk disk) {
        cluster.story().tell("node %d has %s again".formatted(id, disk.path()));
        host.disk(disk.path()).faults().clearButUnreadable();
        host.disk(disk.path()).resume();
    }

    /** Of the process that ran last. */
    long lastIncarnation() {
        return lastIncarnation;
    }

    @Override
    public String toString() {
        NodeProcess running = process;
        return "node "
                + id
                + (running == null ? " down" : (isPaused() ? " paused, " : " ") + running);
    }
}
