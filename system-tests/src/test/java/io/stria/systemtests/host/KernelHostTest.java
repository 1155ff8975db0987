package io.stria.systemtests.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The host itself: scripts, files, network. One boot serves all tests. */
@NeedsKernelHost
class KernelHostTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LATER = Duration.ofMinutes(2);

    private static KernelHost host;

    @BeforeAll
    static void boot() {
        host = KernelHost.start();
    }

    @AfterAll
    static void powerOff() {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void runsScriptsOnALinuxOfItsOwn() {
        Result result = host.run("uname -r; hostname; echo oops >&2; exit 3", SOON);

        assertEquals(3, result.exitCode());
        assertTrue(result.out().matches("6\\.1\\.\\d+\nstria-host\n"), result.out());
        assertEquals("oops\n", result.err());
        HostException error = assertThrows(HostException.class, result::orThrow);
        assertTrue(error.toString().contains("oops"), error.toString());
    }

    @Test
    void keepsItsWritesToItself() throws IOException {
        Path file = Files.createTempFile(Path.of("").toAbsolutePath(), "outside", ".txt");
        try {
            Files.writeString(file, "outside");

            Result result =
                    host.run("cat %1$s; echo inside > %1$s; cat %1$s".formatted(file), SOON);

            assertEquals("outsideinside\n", result.out());
            assertEquals("outside", Files.readString(file));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void runsScriptsBesideEachOtherAndSignalsThem() {
        Running background = host.start("echo begun; sleep 1000");
        while (!background.outputSoFar().equals("begun\n")) {
            assertFalse(background.hasEnded());
        }

        background.signal("TERM");

        assertEquals(128 + 15, background.await(SOON).exitCode());
    }

    @Test
    void showsTheOutputOfAScriptThatDoesNotEnd() {
        Running stuck = host.start("echo $((6 * 7)) stuck; touch /run/stuck; sleep 1000");
        host.run("until [[ -e /run/stuck ]]; do sleep 0.01; done", SOON).orThrow();

        HostException error =
                assertThrows(HostException.class, () -> stuck.await(Duration.ofMillis(1)));

        assertTrue(error.toString().contains("42 stuck"), error.toString());
    }

    @Test
    void saysWhereItsKernelIs() {
        String state = host.state();

        // It waits for something to do, or runs a process.
        Pattern calls = Pattern.compile("#\\d+ .* in (cpu_startup_entry|userspace) ");
        assertTrue(
                calls.matcher(state).find() || state.contains("Cannot run program \"gdb\""), state);
    }

    @Test
    void reachesTargetsInTheNamespaceUntilTheirPathIsCut() throws IOException {
        Process target =
                host.startInNamespace(
                        List.of(
                                "python3",
                                "-m",
                                "http.server",
                                "8080",
                                "-b",
                                host.targetAddress(3)));
        String fetch =
                "exec 3<>/dev/tcp/%s/8080; echo -e 'HEAD / HTTP/1.0\\n' >&3; timeout 2 cat <&3";
        String whole =
                "for i in {1..600}; do ("
                        + fetch.formatted(host.targetAddress(3))
                        + ") && break; sleep 0.1; done";

        assertTrue(host.run(whole, LATER).out().contains("200 OK"), () -> host.processLog(target));

        host.cutPath(3);
        assertFalse(
                host.run(
                                "timeout 2 bash -c \""
                                        + fetch.formatted(host.targetAddress(3))
                                        + "\"",
                                SOON)
                        .out()
                        .contains("200"));

        host.restorePath(3);
        assertTrue(host.run(whole, LATER).out().contains("200 OK"), () -> host.processLog(target));
    }

    @Test
    void saysThatItEndedAndWhatItSaidLast() {
        try (KernelHost other = KernelHost.start()) {
            HostException error =
                    assertThrows(
                            HostException.class,
                            () -> other.run("echo c > /proc/sysrq-trigger", SOON));

            assertTrue(error.toString().contains("sysrq triggered crash"), error.toString());
        }
    }

    @Test
    void leavesNothingBehind() throws IOException, InterruptedException {
        Path namespaces = Path.of("/run/netns");
        String namespace;
        Process target;
        try (KernelHost other = KernelHost.start()) {
            namespace = other.network().namespace();
            target = other.startInNamespace(List.of("sleep", "1000"));
            assertTrue(Files.exists(namespaces.resolve(namespace)));
        }

        assertFalse(Files.exists(namespaces.resolve(namespace)));
        assertTrue(target.waitFor(10, TimeUnit.SECONDS));
    }
}
