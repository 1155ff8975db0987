package io.stria.runtime.sim;

import io.stria.runtime.BlockFile;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One machine: disks, which outlive everything, a clock of its own, and at most one process at a
 * time with one engine for each of its reactors. Owned by the simulation's thread.
 */
public final class SimulatedHost {
    private static final long FIRST_CLOCK_NS = 1_000_000_000L;

    private final Simulation simulation;
    private final String name;
    private final SimulatedNetwork network;
    private final NetworkCard card;
    private final HostClock clock;
    private final SimulatedRandom random;
    private final Map<Path, SimulatedDisk> disks = new LinkedHashMap<>();
    private final List<SimulatedEngine> engines = new ArrayList<>();
    private Latency reaction = Latency.none();
    private boolean paused;
    private boolean powered = true;

    /** A machine by itself, which reaches nobody but itself. */
    public SimulatedHost(Simulation simulation, String name) {
        this(simulation, new SimulatedNetwork(simulation), name, List.of());
    }

    SimulatedHost(
            Simulation simulation,
            SimulatedNetwork network,
            String name,
            List<InetAddress> addresses) {
        this.simulation = simulation;
        this.network = network;
        this.name = name;
        this.card = new NetworkCard(this, addresses);
        this.random = simulation.random("host " + name);
        this.clock = new HostClock(simulation, bootTimeNs());
    }

    /** Monotonic clocks of two machines have nothing to do with each other. */
    private long bootTimeNs() {
        return FIRST_CLOCK_NS + random.nextLong(1000 * FIRST_CLOCK_NS);
    }

    public String name() {
        return name;
    }

    public Simulation simulation() {
        return simulation;
    }

    HostClock hostClock() {
        return clock;
    }

    /** Parts per million by which this host's clock is fast, or slow, from now on. */
    public void clockDriftPpm(long ppm) {
        clock.driftPpm(ppm);
    }

    /**
     * How long it takes until a reactor is stepped for what is due; what came meanwhile is one
     * batch.
     */
    public void reactionTime(Latency latency) {
        reaction = latency;
    }

    /** Starts the process and returns the engine of its first reactor. */
    public SimulatedEngine start() {
        if (isRunning()) {
            throw new IllegalStateException(name + " runs already");
        }
        trace("starts");
        paused = false;
        if (!powered) {
            powered = true;
            network.reconsiderPathsTo(this);
        }
        return addReactor();
    }

    /** An engine for one more reactor of the running process. */
    public SimulatedEngine addReactor() {
        SimulatedEngine engine = new SimulatedEngine(simulation, this);
        engines.add(engine);
        simulation.add(engine);
        return engine;
    }

    public boolean isRunning() {
        return !engines.isEmpty();
    }

    /** The process dies, the machine does not: disks finish what they were given, or not. */
    public void kill() {
        trace("is killed");
        killProcess();
    }

    /** Power is lost at this moment, for the host and all its disks. */
    public void powerCut() {
        trace("loses power");
        powered = false;
        killProcess();
        disks.values().forEach(SimulatedDisk::powerCut);
        clock.restartAt(bootTimeNs());
    }

    private void killProcess() {
        for (SimulatedEngine engine : List.copyOf(engines)) {
            engine.die();
        }
    }

    void died(SimulatedEngine engine) {
        if (engines.remove(engine)) {
            simulation.remove(engine);
            disks.values().forEach(disk -> disk.processDied(engine));
        }
    }

    /** False from a power cut until the next start; then nothing answers, not even the kernel. */
    public boolean isPowered() {
        return powered;
    }

    /** The process stands still until {@link #resume}: a stopped virtual machine, a long pause. */
    public void pause() {
        trace("pauses");
        paused = true;
    }

    public void resume() {
        trace("resumes");
        paused = false;
        engines.forEach(SimulatedEngine::resume);
    }

    public boolean isPaused() {
        return paused;
    }

    void scheduleStep(SimulatedEngine engine) {
        long delayNs = reaction.drawNs(random);
        if (delayNs == 0) {
            simulation.soon(engine::step);
        } else {
            simulation.after(delayNs, engine::step);
        }
    }

    /** Puts a disk into this host; {@link SimulatedEngine#openFile} finds it under the path. */
    public SimulatedDisk addDisk(Path path, DiskConfig config) {
        SimulatedDisk disk = new SimulatedDisk(simulation, name + ":" + path, config);
        plug(path, disk);
        return disk;
    }

    /** Puts a disk under a path: one that came from another host, too. */
    public void plug(Path path, SimulatedDisk disk) {
        SimulatedDisk before = disks.putIfAbsent(path, disk);
        if (before != null) {
            throw new IllegalStateException(name + " has a disk at " + path);
        }
    }

    /** Takes a disk out, with all it holds. Files open on it do not notice. */
    public SimulatedDisk unplug(Path path) {
        SimulatedDisk disk = disk(path);
        disks.remove(path);
        return disk;
    }

    public SimulatedDisk disk(Path path) {
        SimulatedDisk disk = disks.get(path);
        if (disk == null) {
            throw new IllegalStateException(name + " has no disk at " + path);
        }
        return disk;
    }

    SimulatedFile openDisk(SimulatedEngine engine, Path path, BlockFile.Options options)
            throws IOException {
        @Nullable SimulatedDisk disk = disks.get(path);
        if (disk == null && options.createBytes() > 0) {
            disk = addDisk(path, DiskConfig.flash(options.createBytes(), options.blockBytes()));
        }
        if (disk == null) {
            throw new IOException(path + " does not exist");
        }
        if (options.blockBytes() % disk.config().blockBytes() != 0) {
            throw new IOException(
                    "%s has blocks of %d bytes, not %d"
                            .formatted(path, disk.config().blockBytes(), options.blockBytes()));
        }
        if (disk.config().sizeBytes() < options.createBytes()) {
            throw new IOException(
                    "%s has %d bytes, not %d"
                            .formatted(path, disk.config().sizeBytes(), options.createBytes()));
        }
        if (options.exclusive() && disk.isLocked()) {
            throw new IOException(path + " is locked by another process");
        }
        SimulatedFile file = new SimulatedFile(engine, disk, options.blockBytes());
        if (options.exclusive()) {
            disk.lockFor(file);
        }
        return file;
    }

    SimulatedNetwork network() {
        return network;
    }

    NetworkCard card() {
        return card;
    }

    public List<InetAddress> addresses() {
        return card.addresses();
    }

    private void trace(String what) {
        if (simulation.isTracing()) {
            simulation.trace(name + " " + what);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
