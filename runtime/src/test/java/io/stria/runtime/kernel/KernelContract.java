package io.stria.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Engine;
import io.stria.runtime.FailureHandler;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryLeakCheck;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.RecordingHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.ffm.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What every engine on a real kernel promises: other processes, other threads, resets. */
public abstract class KernelContract {
    private static final BlockFile.Options EXCLUSIVE = new BlockFile.Options(1 << 20, 4096, true);

    @TempDir private Path directory = Path.of("");

    @RegisterExtension final MemoryLeakCheck leaks = new MemoryLeakCheck();

    // Made by JUnit before each test.
    @SuppressWarnings("NullAway.Init")
    private KernelWorld world;

    @SuppressWarnings("NullAway.Init")
    private Engine engine;

    protected abstract Engine newEngine(Memory memory) throws IOException;

    private final List<Closing> accepted = new ArrayList<>();

    @BeforeEach
    void makeWorld() throws IOException {
        world = new KernelWorld(directory, this::newEngine);
        engine = world.newEngine();
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @Test
    protected void refusesAFileThatAnotherProcessHoldsUntilThatIsKilled() throws Exception {
        Path path = world.path("file");
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LockedElsewhere.class.getName(),
                                path.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertEquals(LockedElsewhere.HELD, holder.inputReader().readLine());
            IOException refusal =
                    assertThrows(IOException.class, () -> engine.openFile(path, EXCLUSIVE));
            assertEquals(
                    path + ": locked by another opener (process " + holder.pid() + ")",
                    refusal.getMessage());
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertEquals(1 << 20, engine.openFile(path, EXCLUSIVE).sizeBytes());
    }

    @Test
    protected void readsAndWritesWhereTheFileSystemKnowsNoDirectAccess() throws IOException {
        Path memoryFileSystem = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memoryFileSystem), "no /dev/shm to write to");
        Path path = Files.createTempFile(memoryFileSystem, "stria", ".test");
        try (Arena arena = Arena.ofConfined()) {
            BlockFile file = engine.openFile(path, EXCLUSIVE);
            MemorySegment memory = arena.allocate(8192, 4096);
            memory.fill((byte) 3);
            int[] results = new int[3];
            file.write(4096, memory, 0, 4096, true, (t, r) -> results[0] = r, 0);
            world.until("the write", () -> results[0] != 0);
            file.read(4096, memory, 4096, 4096, (t, r) -> results[1] = r, 0);
            world.until("the read", () -> results[1] != 0);
            assertEquals(4096, results[0]);
            assertEquals(4096, results[1]);
            assertEquals(-1, memory.mismatch(MemorySegment.ofArray(filled(8192, (byte) 3))));
        } finally {
            Files.delete(path);
        }
    }

    @Test
    protected void saysThatADirectoryIsMissing() {
        Path path = world.path("nowhere").resolve("file");
        IOException refusal =
                assertThrows(IOException.class, () -> engine.openFile(path, EXCLUSIVE));
        assertEquals(path + ": no such directory", refusal.getMessage());
    }

    @Test
    protected void speaksVersionSixOfTheInternetProtocol() throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("::1"), 0);
        assumeTrue(hasLoopbackOfVersionSix(), "no address ::1");
        StreamListener listener = engine.listen(any, stream -> accept());
        Closing near = new Closing();
        TcpStream stream = engine.connect(listener.localAddress(), near);
        world.until("the stream is accepted", () -> near.isConnected() && !accepted.isEmpty());
        assertEquals(any.getAddress(), stream.remoteAddress().getAddress());
        assertEquals(stream.localAddress(), accepted.getFirst().accepted().remoteAddress());
    }

    private static boolean hasLoopbackOfVersionSix() throws IOException {
        Path addresses = Path.of("/proc/net/if_inet6");
        return Files.exists(addresses)
                && Files.readAllLines(addresses).stream()
                        .anyMatch(line -> line.startsWith("0".repeat(31) + "1 "));
    }

    @Test
    protected void saysWhichAddressIsTaken() throws IOException {
        InetSocketAddress taken = listen().localAddress();
        IOException refusal =
                assertThrows(IOException.class, () -> engine.listen(taken, stream -> accept()));
        assertEquals(
                "cannot listen on " + taken + ": Address already in use (errno 98)",
                refusal.getMessage());
    }

    @Test
    protected void tellsAConnectorThatAHostIsUnknown() {
        Closing near = new Closing();
        engine.connect(InetSocketAddress.createUnresolved("nowhere", 4420), near);
        world.until("it is closed", () -> near.errno >= 0);
        assertEquals(Errno.EHOSTUNREACH, near.errno);
    }

    @Test
    protected void tellsThatThePeerHasResetTheConnection() throws IOException {
        StreamListener listener = listen();
        try (Socket peer = new Socket("127.0.0.1", listener.localAddress().getPort())) {
            world.until("the stream is accepted", () -> !accepted.isEmpty());
            peer.setSoLinger(true, 0);
        }
        world.until("it is closed", () -> accepted.getFirst().errno >= 0);
        assertEquals(Errno.ECONNRESET, accepted.getFirst().errno);
    }

    @Test
    protected void hasTheKernelAskAPeerThatIsSilentWhetherItIsStillThere() throws IOException {
        StreamListener listener = listen();
        try (Socket peer = new Socket("127.0.0.1", listener.localAddress().getPort())) {
            world.until("the stream is accepted", () -> !accepted.isEmpty());
            String near = ":%04X".formatted(listener.localAddress().getPort());
            String far = ":%04X".formatted(peer.getLocalPort());
            assertTrue(hasKeepAliveTimer(near, far), "the kernel has no timer to ask it");
        }
    }

    /** Of the connection with these ports, as the kernel lists it: timer 2 is the one that asks. */
    private static boolean hasKeepAliveTimer(String near, String far) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/self/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/self/net/tcp6")));
        return lines.stream()
                .map(line -> line.strip().split(" +"))
                .filter(word -> word[1].endsWith(near) && word[2].endsWith(far))
                .anyMatch(word -> word[5].startsWith("02:"));
    }

    @Test
    protected void tellsThatThePeerHasResetAConnectionOnWhichNothingIsReceived()
            throws IOException {
        StreamListener listener = listen();
        try (Socket peer = new Socket("127.0.0.1", listener.localAddress().getPort());
                Arena arena = Arena.ofConfined()) {
            world.until("the stream is accepted", () -> !accepted.isEmpty());
            TcpStream stream = accepted.getFirst().accepted();
            stream.pauseReceive();
            peer.getOutputStream().write(1);
            world.settle();
            sendUntilStuck(stream, arena.allocate(1 << 16));
            peer.setSoLinger(true, 0);
        }
        world.until("it is closed", () -> accepted.getFirst().errno >= 0);
        assertTrue(accepted.getFirst().errno > 0, "an error, not an orderly end");
    }

    @Test
    protected void sendsWhatIsQueuedToAPeerThatSendsNoMore() throws IOException {
        byte[] answer = filled(300_000, (byte) 4);
        StreamListener listener =
                engine.listen(
                        world.anyAddress(),
                        stream ->
                                new RecordingHandler() {
                                    @Override
                                    protected int consume(
                                            TcpStream from, MemorySegment b, long o, int length) {
                                        try (Arena arena = Arena.ofConfined()) {
                                            MemorySegment whole = arena.allocate(answer.length);
                                            whole.copyFrom(MemorySegment.ofArray(answer));
                                            from.send(whole, 0, answer.length);
                                        }
                                        return length;
                                    }
                                });
        try (Socket peer = new Socket("127.0.0.1", listener.localAddress().getPort())) {
            peer.getOutputStream().write(1);
            peer.shutdownOutput();
            CompletableFuture<byte[]> received =
                    CompletableFuture.supplyAsync(() -> allBytesOf(peer));
            world.until("the peer has read to the end", received::isDone);
            assertArrayEquals(answer, received.join());
        }
    }

    @Test
    protected void failsAReadBeyondTheEndOfAFileThatWasCutShort() throws IOException {
        Path path = world.path("file");
        BlockFile file = engine.openFile(path, EXCLUSIVE);
        try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
            other.truncate(4096);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8192, 4096);
            assertEquals(-Errno.EIO, resultOf(done -> file.read(8192, memory, 0, 4096, done, 0)));
            assertEquals(-Errno.EIO, resultOf(done -> file.read(0, memory, 0, 8192, done, 0)));
            assertEquals(4096, resultOf(done -> file.read(0, memory, 0, 4096, done, 0)));
        }
    }

    @Test
    protected void tellsThatTheFileSystemIsFull() throws Exception {
        Path mount = Files.createDirectory(world.path("small"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount.toString()) == 0,
                "may not mount a small file system");
        try (Arena arena = Arena.ofConfined()) {
            BlockFile file = engine.openFile(mount.resolve("file"), EXCLUSIVE);
            MemorySegment memory = arena.allocate(1 << 20, 4096);
            for (boolean durable : new boolean[] {false, true}) {
                int result = resultOf(done -> file.write(0, memory, 0, 1 << 20, durable, done, 0));
                assertEquals(-Errno.ENOSPC, result);
            }
            assertEquals(4096, resultOf(done -> file.write(0, memory, 0, 4096, true, done, 0)));
            file.close();
        } finally {
            run("umount", "-l", mount.toString());
        }
    }

    @Test
    protected void endsAnAwaitWhenAnotherThreadWakesIt() throws Exception {
        engine.poll();
        for (int i = 0; i < 200; i++) {
            Thread waker = Thread.ofPlatform().start(engine::wake);
            long startNs = System.nanoTime();
            engine.await(60_000_000_000L);
            assertTrue(System.nanoTime() - startNs < 30_000_000_000L, "slept on");
            waker.join();
            engine.await(1);
            engine.poll();
        }
    }

    @Test
    protected void losesNoCommandOfManyThreadsToASleepingReactor() throws Exception {
        int threads = 4;
        int commands = 5_000;
        int[] ran = new int[threads];
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        ReactorConfig config = ReactorConfig.named("test").failingTo(FailureHandler.rethrow());
        try (Reactor reactor = new Reactor(config, newEngine(leaks.memory()))) {
            reactor.start();
            for (int i = 0; i < threads; i++) {
                int id = i;
                Thread.ofPlatform()
                        .start(() -> {
                            for (int j = 0; j < commands; j++) {
                                int sequence = j;
                                reactor.execute(() -> {
                                    assertEquals(sequence, ran[id]++);
                                    if (Arrays.stream(ran).allMatch(n -> n == commands)) {
                                        done.complete(true);
                                    }
                                });
                            }
                        });
            }
            assertEquals(true, done.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    protected void firesTimersOfASleepingReactorInTime() throws Exception {
        CompletableFuture<Long> fired = new CompletableFuture<>();
        ReactorConfig config = ReactorConfig.named("test").failingTo(FailureHandler.rethrow());
        try (Reactor reactor = new Reactor(config, newEngine(leaks.memory()))) {
            long startNs = reactor.timers().nowNs();
            reactor.timers()
                    .schedule(
                            50_000_000L, () -> fired.complete(reactor.timers().nowNs() - startNs));
            reactor.start();
            long afterNs = fired.get(30, TimeUnit.SECONDS);
            assertTrue(afterNs >= 50_000_000L, "fired after " + afterNs + " ns");
        }
    }

    private int resultOf(Consumer<BlockFile.Completion> access) {
        int[] result = {Integer.MIN_VALUE};
        access.accept((token, told) -> result[0] = told);
        world.until("the access completes", () -> result[0] != Integer.MIN_VALUE);
        return result[0];
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static byte[] allBytesOf(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StreamListener listen() throws IOException {
        return engine.listen(world.anyAddress(), stream -> accept());
    }

    private Closing accept() {
        accepted.add(new Closing());
        return accepted.getLast();
    }

    private void sendUntilStuck(TcpStream stream, MemorySegment message) {
        for (int stuck = 0; stuck < 20; stuck++) {
            while (stream.sendSpace() >= message.byteSize()) {
                stream.send(message, 0, (int) message.byteSize());
                stuck = 0;
            }
            world.step();
        }
    }

    private static byte[] filled(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    /** Remembers how its stream ended. */
    private static final class Closing extends RecordingHandler {
        private int errno = -1;

        TcpStream accepted() {
            return stream();
        }

        boolean isConnected() {
            return connected;
        }

        @Override
        public void onClosed(TcpStream from, int closeErrno) {
            super.onClosed(from, closeErrno);
            errno = closeErrno;
        }
    }
}
