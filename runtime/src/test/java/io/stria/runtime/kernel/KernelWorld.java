package io.stria.runtime.kernel;

import io.stria.runtime.Engine;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryLeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel, reached by engines of one kind that all live on the calling thread. */
public final class KernelWorld implements EngineWorld {
    /** Makes an engine, or skips the test with the reason why there can be none here. */
    @FunctionalInterface
    public interface EngineFactory {
        Engine open(Memory memory) throws IOException;
    }

    private static final long OVERDUE_NS = 60_000_000_000L;
    private static final long PAUSE_NS = 1_000_000;

    private final List<Engine> engines = new ArrayList<>();
    private final MemoryLeakCheck leaks = new MemoryLeakCheck();
    private final long deadlineNs = System.nanoTime() + OVERDUE_NS;
    private final Path directory;
    private final EngineFactory factory;

    public KernelWorld(Path directory, EngineFactory factory) {
        this.directory = directory;
        this.factory = factory;
    }

    @Override
    public Engine newEngine() throws IOException {
        Engine engine = factory.open(leaks.memory());
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
            delivered += engine.poll();
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
}
