package io.stria.runtime.uring;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.MemoryLeakCheck;
import io.stria.runtime.ffm.IoUring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel, reached by engines that all live on the calling thread. */
final class UringWorld implements EngineWorld {
    private static final long OVERDUE_NS = 60_000_000_000L;
    private static final long PAUSE_NS = 1_000_000;

    private final List<Engine> engines = new ArrayList<>();
    private final MemoryLeakCheck leaks = new MemoryLeakCheck();
    private final long deadlineNs = System.nanoTime() + OVERDUE_NS;
    private final Path directory;
    private final UringConfig config;

    UringWorld(Path directory, UringConfig config) {
        assumePermitted();
        this.directory = directory;
        this.config = config;
    }

    /** Skips the test, with the reason, where the kernel gives us no ring. */
    static void assumePermitted() {
        String refusal = IoUring.refusal();
        assumeTrue(refusal.isEmpty(), refusal);
    }

    @Override
    public Engine newEngine() throws IOException {
        Engine engine = new IoUringEngine(config, leaks.memory());
        engines.add(engine);
        return engine;
    }

    @Override
    public Path path(String name) {
        return directory.resolve(name);
    }

    @Override
    public InetSocketAddress anyAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public void step() {
        int delivered = 0;
        for (Engine engine : engines) {
            delivered += poll(engine);
        }
        if (delivered == 0) {
            engines.getLast().await(PAUSE_NS);
        }
    }

    @Override
    public boolean isOverdue() {
        return System.nanoTime() > deadlineNs;
    }

    @Override
    public void close() {
        engines.forEach(Engine::close);
        leaks.check();
    }

    private static int poll(Engine engine) {
        return engine.poll();
    }
}
