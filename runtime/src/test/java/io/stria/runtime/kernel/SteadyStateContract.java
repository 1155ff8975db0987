package io.stria.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Once warm, neither sockets nor files allocate: a window of operations without a byte is found.
 */
public abstract class SteadyStateContract {
    /** Until the compiler is done with all that an operation runs. */
    private static final long PATIENCE_NS = 30_000_000_000L;

    private static final int OPERATIONS_PER_WINDOW = 2_000;
    private static final int MESSAGE_BYTES = 4096;

    @TempDir private Path directory = Path.of("");

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(MESSAGE_BYTES, MESSAGE_BYTES);
    private long done;

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private KernelWorld world;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    protected abstract Engine newEngine(Memory memory) throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new KernelWorld(directory, this::newEngine);
        engine = world.newEngine();
    }

    @AfterEach
    void closeWorld() {
        world.close();
        arena.close();
    }

    @Test
    protected void echoesWithoutAllocating() throws IOException {
        StreamListener listener = engine.listen(world.anyAddress(), stream -> new Echo());
        engine.connect(listener.localAddress(), new Caller());
        assertEquals(0, fewestBytesInAWindow(), "bytes allocated");
    }

    @Test
    protected void readsAndWritesWithoutAllocating() throws IOException {
        BlockFile file =
                engine.openFile(world.path("file"), new BlockFile.Options(1 << 20, 4096, true));
        BlockFile.Completion chain =
                new BlockFile.Completion() {
                    @Override
                    public void complete(long token, int result) {
                        done++;
                        long offset = done % 256 * MESSAGE_BYTES;
                        if (done % 8 == 0) {
                            file.write(offset, memory, 0, MESSAGE_BYTES, false, this, 0);
                        } else {
                            file.read(offset, memory, 0, MESSAGE_BYTES, this, 0);
                        }
                    }
                };
        chain.complete(0, 0);
        assertEquals(0, fewestBytesInAWindow(), "bytes allocated");
    }

    private long fewestBytesInAWindow() {
        long fewest = Long.MAX_VALUE;
        long endNs = System.nanoTime() + PATIENCE_NS;
        while (fewest > 0 && System.nanoTime() < endNs) {
            long before = threads.getCurrentThreadAllocatedBytes();
            runWindow();
            fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return fewest;
    }

    private void runWindow() {
        long target = done + OPERATIONS_PER_WINDOW;
        while (done < target) {
            if (engine.poll() == 0) {
                engine.await(1_000_000_000L);
            }
        }
    }

    private static final class Echo implements StreamHandler {
        @Override
        public void onConnected(TcpStream stream) {}

        @Override
        public int onData(TcpStream stream, MemorySegment buffer, long offset, int length) {
            stream.send(buffer, offset, length);
            return length;
        }

        @Override
        public void onSendSpace(TcpStream stream) {}

        @Override
        public void onClosed(TcpStream stream, int errno) {}
    }

    /** Sends the next message when the last one has come back. */
    private final class Caller implements StreamHandler {
        @Override
        public void onConnected(TcpStream stream) {
            stream.send(memory, 0, MESSAGE_BYTES);
        }

        @Override
        public int onData(TcpStream stream, MemorySegment buffer, long offset, int length) {
            if (length < MESSAGE_BYTES) {
                return 0;
            }
            done++;
            stream.send(memory, 0, MESSAGE_BYTES);
            return MESSAGE_BYTES;
        }

        @Override
        public void onSendSpace(TcpStream stream) {}

        @Override
        public void onClosed(TcpStream stream, int errno) {}
    }
}
