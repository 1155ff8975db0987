package io.stria.runtime.sim;

/** How long the requests of one disk take: their turn on its one bus, and then a latency. */
final class DiskTiming {
    private final Simulation simulation;
    private final DiskConfig config;
    private final SimulatedRandom random;
    private long busyUntilNs;

    DiskTiming(Simulation simulation, DiskConfig config, SimulatedRandom random) {
        this.simulation = simulation;
        this.config = config;
        this.random = random;
    }

    long delayNs(DiskObserver.Kind kind, long bytes) {
        return switch (kind) {
            case READ -> transferNs(bytes) + config.read().drawNs(random);
            case WRITE -> transferNs(bytes) + config.write().drawNs(random);
            case DURABLE_WRITE ->
                    transferNs(bytes)
                            + config.write().drawNs(random)
                            + config.persist().drawNs(random);
            case FLUSH -> config.persist().drawNs(random);
            case DISCARD -> config.write().drawNs(random);
        };
    }

    private long transferNs(long bytes) {
        if (config.bytesPerSecond() == 0) {
            return 0;
        }
        long startNs = Math.max(busyUntilNs, simulation.nowNs());
        busyUntilNs = startNs + bytes * 1_000_000_000L / config.bytesPerSecond();
        return busyUntilNs - simulation.nowNs();
    }
}
