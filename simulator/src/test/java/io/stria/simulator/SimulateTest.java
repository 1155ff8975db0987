package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The command line, and that what it prints can be had again. */
@Timeout(300)
class SimulateTest {
    private static final Pattern HASH =
            Pattern.compile("3 of 3 seeds.* hash ([0-9a-f]{16}); every");
    private static final String MANY = "--jobs=3";
    private static final String ONE = "--jobs=1";
    private static final String[] OTHER_JVM = {
        "-XX:+UseSerialGC",
        "-XX:+UnlockExperimentalVMOptions",
        "-XX:hashCode=2",
        "-XX:TieredStopAtLevel=1"
    };

    private static String run(int expectedStatus, String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int status = Simulate.commandLine(new Simulate(out)).execute(arguments);
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(expectedStatus, status, text);
        return text;
    }

    private static List<String> errors(String... arguments) {
        StringWriter errors = new StringWriter();
        CommandLine command = Simulate.commandLine(new Simulate());
        command.setErr(new PrintWriter(errors));
        assertEquals(2, command.execute(arguments));
        return errors.toString().lines().toList();
    }

    private static String hash(String text) {
        Matcher matcher = HASH.matcher(text);
        assertTrue(matcher.find(), text);
        return matcher.group(1);
    }

    /** Hash codes of objects, and whatever else a JVM draws for itself, must not show. */
    private static String inAnotherProcess(String jobs, String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "-ea",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector"));
        command.addAll(List.of(flags));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Simulate.class.getName(),
                        "--seed=3",
                        "--seeds=3",
                        jobs));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** If all that differs at once makes no difference, nothing of it does. */
    @Test
    void theSameSeedsAreTheSameRunsInAnyProcessHoweverManyAtATime() throws IOException {
        String here = hash(run(Simulate.KEPT, "--seed=3", "--seeds=3", MANY));
        if (!here.equals(hash(inAnotherProcess(ONE, OTHER_JVM)))) {
            assertEquals(
                    here,
                    hash(run(Simulate.KEPT, "--seed=3", "--seeds=3", ONE)),
                    "one at a time, in the same process");
            assertEquals(here, hash(inAnotherProcess(MANY)), "in another process");
            assertEquals(
                    here,
                    hash(inAnotherProcess(MANY, OTHER_JVM)),
                    () -> "in another process with " + List.of(OTHER_JVM));
            fail("one at a time, in another process with " + List.of(OTHER_JVM));
        }
    }

    @Test
    void otherSeedsAreOtherRuns() {
        assertNotEquals(Trial.of(1).run().hash(), Trial.of(2).run().hash());
    }

    @Test
    void oneSeedIsToldWithItsStory() {
        String text = run(Simulate.KEPT, "--seed=2");
        assertTrue(text.contains("every promise kept"), text);
    }

    @Test
    void aWrongCommandLineIsRefused() {
        assertEquals(
                List.of(
                        "stria: --nodes is from 1 to 100.",
                        "       `./stria simulate --help` says more"),
                errors("--nodes=0"));
        assertEquals(2, errors("--frobnicate").size());
        run(2, "--scheme=5+2");
        run(2, "--seeds=many");
        run(2, "--seeds=0");
        run(2, "--nodes=0");
        run(2, "--nodes=1", "--scheme=2+2");
    }
}
