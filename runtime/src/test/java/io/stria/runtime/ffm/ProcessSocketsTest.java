package io.stria.runtime.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.runtime.Heartbeat;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real child process that SIGSTOP freezes. */
@Timeout(120)
class ProcessSocketsTest {
    private static final int SOON_MS = 60_000;

    @Test
    void hangsUpOnTheHostsOfAFrozenProcessAndOnNobodyElse() throws Exception {
        try (SharedMemory memory = SharedMemory.create("test", Heartbeat.BYTES)) {
            Process server = start(memory.path());
            try (ProcessSockets sockets = ProcessSockets.of(server.pid())) {
                BufferedReader said = server.inputReader();
                int port = Integer.parseInt(said.readLine());
                int otherPort = Integer.parseInt(said.readLine());
                try (Socket host = connect(port);
                        Socket other = connect(otherPort)) {
                    assertEquals(FrozenServer.ACCEPTED, said.readLine());
                    assertEquals(
                            FrozenServer.BEAT_NS, new Heartbeat(memory.memory()).beatNs(), "beat");
                    stop(server);
                    host.setSoTimeout(200);
                    assertThrows(SocketTimeoutException.class, host.getInputStream()::read);

                    assertEquals(1, sockets.hangUp(own -> own == port));

                    host.setSoTimeout(SOON_MS);
                    assertEquals(-1, host.getInputStream().read(), "the host is told at once");
                    try (Socket again = connect(port)) {
                        again.getOutputStream().write(1);
                        signal(server, "CONT");
                        assertEquals(FrozenServer.ENDED, said.readLine());
                        again.setSoTimeout(SOON_MS);
                        assertEquals(1, again.getInputStream().read(), "it serves who came since");
                    }
                    other.getOutputStream().write(2);
                    other.setSoTimeout(SOON_MS);
                    assertEquals(2, other.getInputStream().read(), "nobody hung up on the other");
                }
            } finally {
                server.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void saysThatAProcessIsNotThere() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();

        IOException refused =
                assertThrows(IOException.class, () -> ProcessSockets.of(ended.pid()).close());

        assertEquals(
                "cannot refer to process " + ended.pid() + ": No such process (errno 3)",
                refused.getMessage());
    }

    @Test
    void mapsNothingThatIsShorterThanWhatIsToBeWritten() throws Exception {
        try (SharedMemory memory = SharedMemory.create("test", Long.BYTES)) {
            Path path = memory.path();
            assertThrows(IOException.class, () -> Heartbeat.watchedAt(path));
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static Process start(Path memory) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FrozenServer.class.getName(),
                                memory.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Until it stands still, which is a little later than it was told to. */
    private static void stop(Process process) throws Exception {
        signal(process, "STOP");
        while (!isStopped(process.pid())) {
            Thread.sleep(1);
        }
    }

    /** All its threads: {@code 4711 (java) T 1 ...}. */
    private static boolean isStopped(long pid) throws IOException {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        } catch (NoSuchFileException e) {
            return false; // a thread has ended meanwhile
        }
        return true;
    }

    private static void signal(Process process, String name) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }
}
