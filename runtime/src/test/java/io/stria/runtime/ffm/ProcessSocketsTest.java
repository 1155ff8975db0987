package io.stria.runtime.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.runtime.Heartbeat;
import io.stria.runtime.ProcessSignals;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
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
                    ProcessSignals.stop(server.pid());
                    host.setSoTimeout(200);
                    assertThrows(SocketTimeoutException.class, host.getInputStream()::read);

                    assertEquals(1, sockets.hangUp(own -> own == port));

                    host.setSoTimeout(SOON_MS);
                    assertEquals(-1, host.getInputStream().read(), "the host is told at once");
                    try (Socket again = connect(port)) {
                        again.getOutputStream().write(1);
                        ProcessSignals.resume(server.pid());
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
}
